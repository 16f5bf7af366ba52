import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { TestDatabase, withoutMysql } from '../helpers/mysql.js';
import { missingPostgres, newTable } from '../helpers/postgres.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const skip = missingPostgres || withoutMysql;
const mysql = await TestDatabase.make();

const declared = {
  id: 'integer',
  text: 'text',
  big: 'integer',
  num: 'decimal',
  day: 'date',
  at: 'timestamp',
  instant: 'timestamptz',
  flag: 'boolean',
  doc: 'json',
  bin: 'binary',
  real: 'real',
} as const;

const rows = [
  `1,plain,9007199254740993,1.10,2024-02-29,2024-02-29 12:00:00,2024-02-29 12:00:00+00,true,"{""a"":1.10}",00ff0a,0.5`,
  `2,"",-9223372036854775808,-0.001,0001-01-01,2024-01-01 00:00:00.5,2024-06-01 10:00:00.25+00,false,"[1, 2,  3]",,100`,
  `3,,9223372036854775807,12345678901234567890.123456789,9999-12-31,1999-12-31 23:59:59.999999,,,,deadbeef,-2.5`,
  `4,"emoji 🙂 עברית العربية, ""quoted""\nsecond line\tand \\N \\.",0,0,1970-01-01,1970-01-01 00:00:01,,true,"{""k"":""ü""}",,0.1`,
  `5,'; DROP TABLE x; --,1,100,,,,,,"",`,
  `6,null,,,,,,,{},,`,
  `7, spaces ,,,,,,,[],80,`,
];
const csv = `${Object.keys(declared).join()}\n${rows.join('\n')}\n`;

/** What MySQL's types cannot hold: zeros behind the last digit of a number, and the offset of an instant. */
const kept = csv.replace('1.10,2024', '1.1,2024').replaceAll('+00,', ',');

/** PostgreSQL tells bytes with `\x` before their digits. */
function withoutPrefix(text: string): string {
  return text.replace(/\\x(?=[,\n])/g, '""').replaceAll('\\x', '');
}

async function place() {
  const directory = await temporaryDirectory();
  const { url } = await newTable();
  await mysql.run('DROP TABLE IF EXISTS t');
  const run = async (source: string, target: string, options: Partial<CopyPlan> = {}) => {
    const state = join(directory, `state-${Math.random()}`);
    const { status, error } = await copy({ source, target, stateDir: state, ...options });
    assert.equal(status, 'finished', error?.message);
  };
  return {
    run,
    file: (name: string) => join(directory, name),
    postgres: url,
    sqlite: `sqlite:${join(directory, 't.db')}#t`,
    mysql: mysql.url('t'),
  };
}

const types = { types: { others: 'infer', declared } } as const;
const key = { key: ['id'] } as const;

test('through PostgreSQL, MariaDB and SQLite and back into a file every value is what it was, but for what the types cannot hold', {
  skip,
}, async () => {
  const { run, file, postgres, sqlite, mysql: mysqlUrl } = await place();
  await writeFile(file('in.csv'), csv);
  await run(file('in.csv'), postgres, { ...types, ...key });
  await run(postgres, file('from-postgres.csv'));
  const bytea = await readFile(file('from-postgres.csv'), 'utf8');
  assert.equal(withoutPrefix(bytea), csv);
  await run(postgres, mysqlUrl, key);
  await run(mysqlUrl, sqlite, key);
  await run(sqlite, file('out.csv'));
  assert.equal(await readFile(file('out.csv'), 'utf8'), kept);
});

test('bytes are hexadecimal in CSV and base 64 in NDJSON, out of every database and into every database', {
  skip,
}, async () => {
  const { run, file, postgres, sqlite, mysql: mysqlUrl } = await place();
  const lines = [
    '{"id":1,"bin":"AP8K"}',
    '{"id":2,"bin":""}',
    '{"id":3,"bin":null}',
    '{"id":4,"bin":"3q2+7w=="}',
    `{"id":5,"bin":"${Buffer.alloc(300, 0x5c).toString('base64')}"}`,
  ];
  const ndjson = `${lines.join('\n')}\n`;
  const hexadecimal = `id,bin\n1,00ff0a\n2,""\n3,\n4,deadbeef\n5,${'5c'.repeat(300)}\n`;
  await writeFile(file('in.ndjson'), ndjson);
  await writeFile(file('in.csv'), hexadecimal);
  const binary = { types: { others: 'infer', declared: { bin: 'binary' } } } as const;

  for (const [name, table] of Object.entries({ postgres, mysql: mysqlUrl, sqlite })) {
    for (const input of ['in.ndjson', 'in.csv']) {
      await run(file(input), table, { ...binary, ...key, mode: 'replace' });
      await run(table, file('out.ndjson'), { overwrite: true, fresh: true });
      assert.equal(await readFile(file('out.ndjson'), 'utf8'), ndjson, `${name}, ${input}`);
      await run(table, file('out.csv'), { overwrite: true, fresh: true });
      const text = await readFile(file('out.csv'), 'utf8');
      assert.equal(withoutPrefix(text), hexadecimal, `${name}, ${input}`);
    }
  }
  await run(file('in.ndjson'), file('from-ndjson.csv'), binary);
  assert.equal(await readFile(file('from-ndjson.csv'), 'utf8'), hexadecimal);
  await run(file('in.csv'), file('from-csv.ndjson'), binary);
  assert.equal(await readFile(file('from-csv.ndjson'), 'utf8'), ndjson);
  await run(file('in.ndjson'), file('from-ndjson.ndjson'), binary);
  assert.equal(await readFile(file('from-ndjson.ndjson'), 'utf8'), ndjson);
});

test('a text that tells no bytes is a reject', { skip }, async () => {
  const { file, postgres, sqlite, mysql: mysqlUrl } = await place();
  await writeFile(
    file('bad.ndjson'),
    '{"id":1,"bin":"AP8K"}\n{"id":2,"bin":"AP8"}\n{"id":3,"bin":"\\u0000"}\n',
  );
  await writeFile(file('bad.csv'), 'id,bin\n1,00ff\n2,0\n3,AP8K\n');
  const binary = { types: { others: 'infer', declared: { bin: 'binary' } } } as const;
  const targets = [postgres, mysqlUrl, sqlite, file('bad-out.csv'), file('bad-out.ndjson')];
  for (const [i, target] of targets.entries()) {
    for (const input of ['bad.ndjson', 'bad.csv']) {
      const { counts } = await copy({
        source: file(input),
        target,
        stateDir: file(`bad-${i}-${input}`),
        ...binary,
        ...key,
        ...(i < 3 ? { mode: 'replace' } : { key: undefined, overwrite: true }),
        maxErrors: { count: 5 },
      });
      assert.deepEqual([counts.written, counts.rejected], [1, 2], `${target}, ${input}`);
    }
  }
});
