import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { TrancheError } from '#tranche/core/errors.js';
import { createSource } from '#tranche/sources/index.js';
import type { SourceOptions } from '#tranche/sources/source-kind.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { readSource } from '../../helpers/read-source.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();

async function source(table: string | null, changes: SourceOptions = {}) {
  const spec = table === null ? database.url('t').replace(/#.*/, '') : database.url(table);
  return await createSource(spec, { options: changes, stdin: Readable.from([]) });
}

/** The texts of a column, batch for batch of `size` rows. */
async function read(size: number, column: string, changes: SourceOptions = {}): Promise<unknown[]> {
  const from = await source(changes.query === undefined ? 't' : null, changes);
  const { records } = await readSource(from, { limits: { records: size } });
  await from.close();
  return records.map(({ raw }) => (JSON.parse(raw) as Record<string, unknown>)[column]);
}

async function csv(): Promise<string> {
  const directory = await temporaryDirectory();
  const target = join(directory, 'out.csv');
  await copy({ source: database.url('t'), target, stateDir: join(directory, 'state') });
  return await readFile(target, 'utf8');
}

test('every row comes once, whatever the key is made of', options, async () => {
  const keys: readonly (readonly [string, readonly string[]])[] = [
    ['BIGINT', ['-5', '0', '9007199254740993', '9223372036854775807']],
    ['BIGINT UNSIGNED', ['0', '9223372036854775808', '18446744073709551615']],
    ['DECIMAL(20,3)', ['-1.500', '0.001', '12345678901234567.125']],
    ['VARCHAR(20)', ['', ' x', "it's", 'A', 'b', 'C', 'ü', '\\', '🙂']],
    ['DATETIME(6)', ['2024-01-02 03:04:05.000001', '2024-01-02 03:04:05.000002']],
    ['TIMESTAMP(6)', ['2024-01-02 03:04:05.000001', '2024-01-02 03:04:05.000002']],
    ['DATE', ['1000-01-01', '9999-12-31']],
    ['TIME(2)', ['-01:00:00.50', '100:00:00.25']],
    ['VARBINARY(4)', ['', '\u0001', 'a', 'ab']],
    ['BIT(4)', ['1', '2', '3']],
    ['BOOLEAN', ['0', '1']],
  ];
  for (const [type, values] of keys) {
    await database.run('DROP TABLE IF EXISTS t', `CREATE TABLE t (v INT, k ${type}, PRIMARY KEY (k))`);
    for (const [i, value] of values.entries()) {
      const literal = type === 'BIT(4)' ? value : `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
      await database.run(`INSERT INTO t VALUES (${i}, ${literal})`);
    }
    const expected = (await database.rows('SELECT v FROM t ORDER BY k')).map(([v]) => String(v));
    for (const size of [1, 2, 100]) assert.deepEqual(await read(size, 'v'), expected, type);
  }
});

test('keys of several columns', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (a INT, b VARCHAR(5), c INT, v INT AUTO_INCREMENT UNIQUE, PRIMARY KEY (a, b, c))',
  );
  for (const a of [1, 2, 3]) {
    for (const b of ['x', 'Y', 'z']) {
      for (const c of [-1, 0, 7]) await database.run(`INSERT INTO t (a, b, c) VALUES (${a}, '${b}', ${c})`);
    }
  }
  const expected = Array.from({ length: 27 }, (_, i) => String(i + 1));
  for (const size of [1, 2, 4, 26, 27, 28]) assert.deepEqual(await read(size, 'v'), expected);
});

test('values arrive unchanged', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    `CREATE TABLE t (id INT PRIMARY KEY, d DECIMAL(10,2), u BIGINT UNSIGNED, f FLOAT, b BOOLEAN, i BIT(9), dt DATETIME(6), ts TIMESTAMP(3) NULL,
      da DATE, j JSON, bl BLOB, e ENUM('x','y'), tx TEXT)`,
    `INSERT INTO t VALUES (1, 1.10, 18446744073709551615, 0.1, 1, 257, '2024-01-02 03:04:05.123456', '2024-01-02 03:04:05.5', '0000-00-00',
      '{"a": 1.10}', x'00ff', 'x', 'it''s "q",\\n')`,
    "INSERT INTO t (id, tx, bl, b) VALUES (2, '', '', 7)",
  );
  assert.equal(
    await csv(),
    [
      'id,d,u,f,b,i,dt,ts,da,j,bl,e,tx',
      '1,1.10,18446744073709551615,0.10000000149011612,true,257,2024-01-02 03:04:05.123456,2024-01-02 03:04:05.500+00,0000-00-00,"{""a"": 1.10}",00ff,x,"it\'s ""q"",\n"',
      '2,,,,7,,,,,,"",,""',
      '',
    ].join('\n'),
  );
});

test('a table into another server table of the same form is the same', options, async () => {
  const stateDir = await temporaryDirectory();
  await database.run('DROP TABLE IF EXISTS other', 'CREATE TABLE other LIKE t');
  const { status, counts } = await copy({
    source: database.url('t'),
    target: database.url('other'),
    stateDir,
  });
  assert.deepEqual([status, counts.written], ['finished', 2]);
  const [[, one] = [], [, two] = []] = await database.rows('CHECKSUM TABLE t, other');
  assert.equal(one, two);
});

test('large values', options, async () => {
  await database.run('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)');
  const lengths = [0, 250, 251, 65_535, 65_536, 3_000_000, 1];
  for (const [i, length] of lengths.entries())
    await database.run(`INSERT INTO t VALUES (${i}, REPEAT('ä', ${length}))`);
  assert.equal(
    await csv(),
    `id,v\n${lengths.map((length, i) => `${i},${'ä'.repeat(length) || '""'}\n`).join('')}`,
  );
});

test('without a key nothing is read', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    "CREATE TABLE t (a INT NOT NULL, b INT UNIQUE, c FLOAT, d ENUM('x'))",
    "INSERT INTO t VALUES (1, NULL, 1, 'x'), (1, 2, 2, 'x')",
  );
  for (const [key, message] of [
    [undefined, /no primary key/],
    [['a'], /several rows with 1/],
    [['b'], /NULL in some rows/],
    [['c'], /whose order is not that of its texts/],
    [['x'], /no column "x"/],
  ] as const) {
    await assert.rejects(
      read(10, 'a', key === undefined ? {} : { key }),
      (error: unknown) =>
        error instanceof TrancheError && error.code === 'usage' && message.test(error.message),
    );
  }
});

test('a query is read by its key', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (id INT PRIMARY KEY)',
    'INSERT INTO t VALUES (1), (2), (3), (4)',
  );
  const query = 'SELECT id * 10 AS k, id FROM t WHERE id > 1 -- all but the first';
  assert.deepEqual(await read(2, 'k', { query, key: ['k'] }), ['20', '30', '40']);
});

test('a finished export goes on with the rows that came later', options, async () => {
  const directory = await temporaryDirectory();
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (id INT PRIMARY KEY)',
    'INSERT INTO t VALUES (1), (2)',
  );
  const target = join(directory, 'out.csv');
  const plan = { source: database.url('t'), target, stateDir: join(directory, 'state'), resume: true };
  await copy(plan);
  await database.run('INSERT INTO t VALUES (0), (3)');
  const { run } = await copy(plan);
  assert.equal(run.read, 1);
  assert.equal((await copy(plan)).nothingNew, true);
  assert.equal(await readFile(target, 'utf8'), 'id\n1\n2\n3\n');
});

test(
  'a table without a key is read in one go with --no-resume-source, and cannot be gone on with',
  options,
  async () => {
    await database.run(
      'DROP TABLE IF EXISTS t',
      'CREATE TABLE t (v INT)',
      'INSERT INTO t VALUES (1), (1), (2), (NULL)',
    );
    assert.deepEqual(await read(3, 'v', { resumeSource: false }), ['1', '1', '2', null]);
    const query = { query: 'SELECT v FROM t WHERE v > 1', resumeSource: false };
    assert.deepEqual(await read(3, 'v', query), ['2']);
    const directory = await temporaryDirectory();
    const plan = {
      source: database.url('t'),
      target: join(directory, 'out.csv'),
      stateDir: join(directory, 'state'),
      resumeSource: false,
      batchSize: 1,
    } as const;
    assert.equal((await copy({ ...plan, maxBatches: 2 })).status, 'paused');
    await assert.rejects(copy({ ...plan, resume: true }), { code: 'source_changed' });
  },
);

test('a run sees the table as it was when it was asked', options, async () => {
  await database.run('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id INT PRIMARY KEY, v INT)');
  await database.run('INSERT INTO t SELECT seq, 0 FROM (SELECT 1 AS seq UNION SELECT 2 UNION SELECT 3) AS n');
  const from = await source('t');
  const { columns } = await from.describe(new AbortController().signal);
  const seen: string[] = [];
  const open = { from: null, limits: { records: 1, bytes: 1 << 20 }, columns, cells: true };
  const { signal } = new AbortController();
  for await (const batch of from.open({ ...open, signal, progressing: () => undefined })) {
    if (seen.length === 0) await database.run('UPDATE t SET v = 1', 'INSERT INTO t VALUES (4, 1)');
    seen.push(String(batch.raw(0).raw));
    batch.release();
  }
  await from.close();
  assert.deepEqual(seen, ['{"id":"1","v":"0"}', '{"id":"2","v":"0"}', '{"id":"3","v":"0"}']);
});
