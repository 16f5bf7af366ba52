import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { parsePostgresUrl } from '#tranche/postgres/settings.js';
import { type Cut, postgresMessage, startProxy } from '../../helpers/cutting-proxy.js';
import { execute, missingPostgres, newTable, query } from '../../helpers/postgres.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingPostgres;

/** Exports a table to CSV; answers the summary and the text. */
async function exported({
  directory: given,
  ...plan
}: Omit<CopyPlan, 'target'> & { readonly directory?: string }) {
  const directory = given ?? (await temporaryDirectory());
  const target = join(directory, 'out.csv');
  const summary = await copy({ stateDir: join(directory, 'state'), job: 'export', ...plan, target });
  assert.equal(summary.error, null);
  return { directory, summary, text: await readFile(target, 'utf8') };
}

const keys: Readonly<Record<string, { readonly type: string; readonly values: string }>> = {
  'bigints beyond 2^53': { type: 'bigint', values: '9007199254740992 + i' },
  microseconds: {
    type: 'timestamptz',
    values: "timestamptz '2024-03-31 00:59:59.999990Z' + i * interval '1 microsecond'",
  },
  uuids: { type: 'uuid', values: 'md5(i::text)::uuid' },
  'texts of a language': {
    type: 'text COLLATE "en-x-icu"',
    values: "(ARRAY['a','A','ä','b','Ä','z','_','-'])[i % 8 + 1] || i",
  },
  'texts with quotes and lines': { type: 'text', values: "E'it''s \\\\ \"x\",\\n' || i" },
  numerics: { type: 'numeric', values: '1.10 + i / 3.0' },
  days: { type: 'date', values: "date '2024-02-20' + i" },
  'booleans with numbers': { type: 'boolean, n int, PRIMARY KEY (id, n)', values: 'i % 2 = 0, i' },
};

for (const [name, { type, values }] of Object.entries(keys)) {
  test(`a key of ${name} is gone on with behind every batch`, { skip }, async () => {
    const composite = type.includes('PRIMARY');
    const { url, table } = await newTable(composite ? `id ${type}` : `id ${type} PRIMARY KEY`);
    await execute(
      `INSERT INTO ${table} SELECT ${values} FROM generate_series(1, 20) AS i ORDER BY i * 7 % 20`,
    );
    const { text: whole } = await exported({ source: url });
    const directory = await temporaryDirectory();
    let last = await exportedBatch(directory, url);
    for (let runs = 1; last.status !== 'finished'; runs++) {
      assert.ok(runs < 12);
      last = await exportedBatch(directory, url);
    }
    assert.equal(await readFile(join(directory, 'out.csv'), 'utf8'), whole);
    assert.equal(whole.match(/^/gm)!.length > 20, true);
  });
}

async function exportedBatch(directory: string, source: string) {
  const state = join(directory, 'state');
  const target = join(directory, 'out.csv');
  const summary = await copy({
    source,
    target,
    stateDir: state,
    job: 'export',
    resume: true,
    batchSize: 3,
    maxBatches: 1,
  });
  assert.equal(summary.error, null);
  return summary;
}

test('a finished export goes on with the rows behind the last one', { skip }, async () => {
  const { url, table } = await newTable('id bigint PRIMARY KEY, v text');
  await execute(`INSERT INTO ${table} VALUES (2, 'two'), (1, 'one')`);
  const { directory } = await exported({ source: url, resume: true });
  const again = await exported({ source: url, resume: true, directory });
  assert.equal(again.summary.nothingNew, true);
  await execute(`INSERT INTO ${table} VALUES (3, 'three'), (0, 'late')`);
  const next = await exported({ source: url, resume: true, directory });
  assert.equal(next.summary.run.read, 1);
  assert.equal(next.text, 'id,v\n1,one\n2,two\n3,three\n');
});

test('a table without a key is refused, unless a key is named or nobody wants to go on', {
  skip,
}, async () => {
  const { url, table } = await newTable('a int, b int');
  await execute(`INSERT INTO ${table} VALUES (1, 1), (1, 2), (2, NULL), (2, 5), (2, 5)`);
  await assert.rejects(exported({ source: url }), /no primary key/);
  await assert.rejects(exported({ source: url, key: ['a'] }), /3 rows have the key of another one/);
  await assert.rejects(exported({ source: url, key: ['a', 'b'] }), /NULL in 1 rows/);
  await assert.rejects(exported({ source: url, key: ['c'] }), /there is no column "c"/);
  const { summary } = await exported({ source: url, resumeSource: false });
  assert.equal(summary.counts.written, 5);
  await execute(`DELETE FROM ${table} WHERE a = 2`);
  assert.equal((await exported({ source: url, key: ['a', 'b'] })).summary.counts.written, 2);
  await execute(`ALTER TABLE ${table} ALTER a SET NOT NULL, ALTER b SET NOT NULL, ADD UNIQUE (b, a)`);
  assert.equal((await exported({ source: url })).text, 'a,b\n1,1\n1,2\n');
});

test('a query with a key, in a transaction that can change nothing', { skip }, async () => {
  const { url, table, schema } = await newTable('id bigint PRIMARY KEY, v text');
  await execute(`INSERT INTO ${table} SELECT i, 'row ' || i FROM generate_series(1, 9) AS i`);
  const source = url.slice(0, url.indexOf('#'));
  const { text } = await exported({
    source,
    query: `SELECT id % 3 AS part, id, v FROM ${table} WHERE id > 4 -- some`,
    key: ['part', 'id'],
    batchSize: 2,
  });
  assert.equal(text, 'part,id,v\n0,6,row 6\n0,9,row 9\n1,7,row 7\n2,5,row 5\n2,8,row 8\n');
  await execute(
    `CREATE FUNCTION ${schema}.wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM ${table}; SELECT 1'`,
  );
  await assert.rejects(exported({ source, query: `SELECT ${schema}.wipe() AS n`, key: ['n'] }), /read-only/);
  await assert.rejects(exported({ source, query: 'SELECT 1 AS n' }), /needs a key/);
});

test('a table goes into another one with every value as it was', { skip }, async () => {
  const columns = `id int PRIMARY KEY, i2 smallint, n numeric, n2 numeric(12,4), f4 real, f8 float8, b boolean, d date, ts timestamp,
    tz timestamptz, t time, iv interval, j json, jb jsonb, by bytea, u uuid, a int[], ta text[], ip inet, r int4range, vc varchar(9), x text`;
  const { url, table } = await newTable(columns);
  const other = await newTable(columns);
  await execute(`INSERT INTO ${table} VALUES
    (1, -32768, 12345678901234567890.1234567890, 1.1000, 1e-7, 0.1, true, '0001-01-01', '2024-02-29 23:59:59.999999',
     '2024-03-31 02:30:00.000001+02', '23:59:59.999999', '1 year -2 days 00:00:00.5', '{"a": 1.10, "a": [ ]}', '{"b": 1e3}', '\\x00ff0a5c2e',
     'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{1,NULL,3}', ARRAY['a,b', 'c"d', '', NULL, '\\'], '10.0.0.0/8', '[1,5)', 'ärger', E'x\\ny\\r\\n\\\\.\\t"q"'),
    (2, NULL, 'NaN', NULL, 'NaN', '-Infinity', false, 'infinity', '-infinity', 'infinity', NULL, NULL, 'null', '"s"', '', NULL, '{}', '{}', NULL, 'empty', '', ''),
    (3, 0, 1e400, 0, '-0', '-0', NULL, '2024-02-29', '2024-01-01', '2024-01-01Z', '00:00', '0', '1', '1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)`);
  const directory = await temporaryDirectory();
  const summary = await copy({ source: url, target: other.url, stateDir: directory, batchSize: 2 });
  assert.equal(summary.error?.message ?? null, null);
  const rows = (from: string) => query(`SELECT * FROM ${from} ORDER BY id`);
  assert.deepEqual(await rows(other.table), await rows(table));
});

test('the connection is cut at each message of an export: it is opened again, nothing is lost or doubled', {
  skip,
}, async t => {
  const { url, table } = await newTable('id bigint PRIMARY KEY, v text');
  await execute(`INSERT INTO ${table} SELECT i, repeat('x', 1000) FROM generate_series(1, 5000) AS i`);
  const { text: whole } = await exported({ source: url });
  const { host, port } = parsePostgresUrl(url);
  const through = async (cut: Cut | null): Promise<number> => {
    const proxy = await startProxy({ host: host ?? '127.0.0.1', port: port ?? 5432 }, cut, postgresMessage);
    const source = url.replace(/@[^/]*/, `@127.0.0.1:${proxy.port}`);
    try {
      const plan = { source, batchSize: 700, retryDelay: 1 };
      const { text } = await exported(plan).catch(error => {
        // Before the first row there is nothing to go on from: the command failed, and is given again.
        if (error.kind !== 'transient') throw error;
        return exported(plan);
      });
      assert.ok(text === whole);
      return proxy.messages;
    } finally {
      await proxy.close();
    }
  };
  const messages = await through(null);
  for (let message = 0; message < messages; message++) {
    for (const when of ['before', 'after'] as const) {
      await t.test(`${when} message ${message}`, () => through({ message, when }).then(() => undefined));
    }
  }
});
