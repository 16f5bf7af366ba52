import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { execute, missingPostgres, newSchema, newTable, query, server } from '../../helpers/postgres.js';
import { tranche } from '../../helpers/program.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingPostgres;
const LONGEST = 'a'.repeat(63);

async function copied(directory: string, plan: Omit<CopyPlan, 'stateDir'>) {
  const summary = await copy({ stateDir: join(directory, 'state'), ...plan });
  assert.equal(summary.error, null);
  return summary;
}

test('a name that the server would cut off is refused: two names could become one', { skip }, async () => {
  const cwd = await temporaryDirectory();
  const schema = await newSchema();
  await writeFile(join(cwd, 'in.csv'), `${LONGEST}x,${LONGEST}y\n1,2\n`);
  const columns = await tranche(['copy', 'in.csv', `${server}#${schema}.t`], { cwd });
  assert.equal(columns.code, 2, columns.stderr);
  assert.match(columns.stderr, /name of a column has 64 bytes, and PostgreSQL keeps 63: "a{63}x".*--rename/s);
  for (const words of [
    ['in.csv', `${server}#${schema}.${LONGEST}x`],
    [`${server}#${schema}.${LONGEST}x`, 'out.csv'],
    ['in.csv', `${server}#${schema}.t`, '--ledger-schema', `${LONGEST}x`],
  ]) {
    const { code, stderr } = await tranche(['copy', ...words], { cwd });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /has 64 bytes, and PostgreSQL keeps 63/);
  }
  await writeFile(join(cwd, 'in.csv'), `${LONGEST},${LONGEST.slice(1)}b\n1,2\n`);
  const whole = await tranche(['copy', 'in.csv', `${server}#${schema}.${LONGEST}`, '--job', 'whole'], {
    cwd,
  });
  assert.equal(whole.code, 0, whole.stderr);
  assert.equal((await query(`SELECT 1 FROM ${schema}.${LONGEST}`)).length, 1);
});

test('columns that the server fills are left to it, and refused where the records have them', {
  skip,
}, async () => {
  const cwd = await temporaryDirectory();
  const { url, table } = await newTable(
    'id bigint GENERATED ALWAYS AS IDENTITY, a int, b int GENERATED ALWAYS AS (a * 2) STORED, c int DEFAULT 7',
  );
  const source = join(cwd, 'in.csv');
  await writeFile(source, 'a,b\n1,2\n');
  await copied(cwd, { source, target: url, select: ['a'] });
  assert.deepEqual(await query(`SELECT * FROM ${table}`), [{ id: '1', a: '1', b: '2', c: '7' }]);
  const { code, stderr } = await tranche(['copy', source, url, '--job', 'b'], { cwd });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /it has no column b that can be written \(the table: id, a, b, c; the records: a, b\)/,
  );
});

test('a partitioned table: rows go where they belong, and one that belongs nowhere is rejected', {
  skip,
}, async () => {
  const directory = await temporaryDirectory();
  const { url, table } = await newTable();
  await execute(`CREATE TABLE ${table} (id int, k text) PARTITION BY LIST (k)`);
  for (const k of ['a', 'b'])
    await execute(`CREATE TABLE ${table}_${k} PARTITION OF ${table} FOR VALUES IN ('${k}')`);
  const source = join(directory, 'in.csv');
  await writeFile(source, 'id,k\n1,a\n2,b\n3,c\n4,a\n');
  const { counts } = await copied(directory, { source, target: url, maxErrors: { percent: 100 } });
  assert.deepEqual([counts.written, counts.rejected], [3, 1]);
  assert.equal((await query(`SELECT 1 FROM ${table}_a`)).length, 2);
});

const types = [
  'tags text[]',
  'ints int[][]',
  'span interval',
  'ts timestamptz',
  'd date',
  'n numeric(10,3)',
  'b bytea',
  'j jsonb',
  'r int4range',
  'ip inet',
  'e point',
  'bo boolean',
  'f float8',
  'v varchar(5)',
  'c char(4)',
  'tm time',
  'ttz timetz',
  'bits bit(3)',
];
const row = `ARRAY['a,b', 'c"d', NULL, '', 'NULL', E'\\\\'], ARRAY[[1, 2], [3, NULL]], '1 year 2 mons -3 days 04:05:06.789', '2024-03-31 01:59:59.123456+02',
  'infinity', -1.500, '\\x00ff0a', '{"a": [1, "x\\ny"]}', '[1,5)', '10.0.0.0/8', '(1,2)', true, 'NaN', 'x y', 'ab', '23:59:59.999999', '12:00+05:30', '101'`;

test('values of every kind come through a file, and from table to table, as they were', {
  skip,
}, async () => {
  const directory = await temporaryDirectory();
  const quoted = `"${await newSchema()} ""x""; s"`;
  await execute(`CREATE SCHEMA ${quoted}`);
  try {
    const source = `${quoted}."t.1"`;
    await execute(`CREATE TABLE ${source} (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), ${types.join(', ')});
      INSERT INTO ${source} SELECT gen_random_uuid(), ${row};
      INSERT INTO ${source} (tags, f, v) VALUES ('{}', 1e-300, ''); INSERT INTO ${source} (tags) VALUES (NULL)`);
    await execute(`CREATE VIEW ${quoted}."v w" AS SELECT * FROM ${source}`);
    const from = `${server}#${source}`;
    for (const between of ['out.csv', 'out.ndjson', null]) {
      const { url, table } = await newTable();
      await execute(`CREATE TABLE ${table} (LIKE ${source} INCLUDING ALL)`);
      const file = between === null ? from : join(directory, between);
      if (between !== null) await copied(directory, { source: from, target: file, job: `out-${between}` });
      const types = between?.endsWith('ndjson')
        ? ({ declared: { b: 'binary' }, others: 'infer' } as const)
        : undefined;
      const { counts } = await copied(directory, {
        source: file,
        target: url,
        job: `in-${between}`,
        ...(types && { types }),
      });
      assert.equal(counts.written, 3);
      const [{ n } = {}] = await query(
        `SELECT count(*) AS n FROM (SELECT s::text FROM ${source} AS s EXCEPT SELECT t::text FROM ${table} AS t) AS missing`,
      );
      assert.equal(n, '0', `by way of ${between}`);
    }
    const view = await copied(directory, {
      source: `${server}#${quoted}."v w"`,
      target: join(directory, 'v.csv'),
      key: ['id'],
    });
    assert.equal(view.counts.written, 3);
  } finally {
    await execute(`DROP SCHEMA ${quoted} CASCADE`);
  }
});

test('a constraint that comes while the table is written: the run ends, and another one rejects the record', {
  skip,
}, async () => {
  const directory = await temporaryDirectory();
  const { url, table } = await newTable('id bigint, v text');
  const source = join(directory, 'in.csv');
  const lines = Array.from({ length: 100 }, (_, i) => `${i},row ${i}`);
  await writeFile(source, `id,v\n${lines.join('\n')}\n`);
  const plan = {
    source,
    target: url,
    job: 'late',
    stateDir: join(directory, 'state'),
    batchSize: 5,
    resume: true,
  };
  const changed = join(directory, 'change.mjs');
  await writeFile(changed, 'export default record => globalThis.change(record);');
  let asked = false;
  Object.assign(globalThis, {
    change: async (record: { id: number }) => {
      if (record.id === 40 && !asked) {
        asked = true;
        await execute(`ALTER TABLE ${table} ADD CHECK (id <> 77)`);
      }
      return record;
    },
  });
  const first = await copy({ ...plan, transform: changed, maxErrors: { percent: 100 } });
  assert.equal(first.status, 'failed');
  assert.match(first.error!.message, /violates check constraint/);
  assert.match(first.error!.hint ?? '', /--resume/);
  const next = await copy({ ...plan, transform: changed, maxErrors: { percent: 100 } });
  assert.equal(next.status, 'finished', next.error?.message);
  assert.deepEqual([next.counts.written, next.counts.rejected], [99, 1]);
  const [found] = await query(`SELECT count(*) AS n, count(DISTINCT id) AS ids FROM ${table}`);
  assert.deepEqual(found, { n: '99', ids: '99' });
});
