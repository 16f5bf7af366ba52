import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { TestDatabase, withoutMysql } from '../helpers/mysql.js';
import { query as askPostgres, missingPostgres, newTable } from '../helpers/postgres.js';
import { newDatabase, query } from '../helpers/sqlite-table.js';
import { Workplace } from '../helpers/workplace.js';

// Of the records that a transform made of one some were refused, and the others stayed in the target: the record was a reject nevertheless.

const mysql = await TestDatabase.make();
const place = await Workplace.make();
await place.write('in.csv', 'id\n1\n2\n3\n4\n5\n');
await place.write(
  'table.mjs',
  'export default ({ id }) => [{ id, half: 1 }, { id, half: id === 2 || id === 4 ? -2 : 2 }];',
);
// A CSV file refuses keys that the first batch did not have.
await place.write(
  'file.mjs',
  'export default ({ id }) => [{ id, half: 1 }, { id, [id === 2 || id === 4 ? "other" : "half"]: 2 }];',
);

const definition = 'id bigint, half bigint CHECK (half > 0)';
const good = ['1', '1', '3', '3', '5', '5'];
let jobs = 0;

/** Runs a job that refuses parts of records 2 and 4: they are rejects, the others are written. */
async function run(target: string, transform: string, options: Partial<CopyPlan> = {}): Promise<void> {
  const { status, error, counts } = await copy({
    source: place.path('in.csv'),
    target,
    transform: place.path(transform),
    job: `job-${++jobs}`,
    stateDir: place.path('state'),
    maxErrors: { percent: 100 },
    ...options,
  });
  assert.equal(status, 'finished', error?.message);
  assert.deepEqual([counts.read, counts.written, counts.rejected], [5, 3, 2]);
}

for (const checkpoint of [true, false]) {
  const kept = checkpoint ? 'with' : 'without';

  test(`CSV, ${kept} checkpoints`, async () => {
    await run(place.path(`${kept}.csv`), 'file.mjs', { checkpoint, batchSize: 1 });
    assert.equal(place.read(`${kept}.csv`), 'id,half\n1,1\n1,2\n3,1\n3,2\n5,1\n5,2\n');
  });

  test(`SQLite, ${kept} checkpoints`, async () => {
    const path = await newDatabase(`CREATE TABLE t (${definition})`);
    await run(`sqlite:${path}#t`, 'table.mjs', { checkpoint });
    assert.deepEqual((await query(path, 'SELECT id FROM t ORDER BY id')).map(String), good);
  });

  test(`PostgreSQL, ${kept} checkpoints`, { skip: missingPostgres }, async () => {
    const { url, table } = await newTable(definition);
    await run(url, 'table.mjs', { checkpoint });
    const rows = await askPostgres(`SELECT id FROM ${table} ORDER BY id`);
    assert.deepEqual(
      rows.map(({ id }) => id),
      good,
    );
  });

  test(`MySQL, ${kept} checkpoints`, { skip: withoutMysql }, async () => {
    const table = `${kept}_checkpoints`;
    await mysql.run(`CREATE TABLE ${table} (${definition})`);
    await run(mysql.url(table), 'table.mjs', { checkpoint });
    assert.deepEqual((await mysql.rows(`SELECT id FROM ${table} ORDER BY id`)).map(String), good);
  });
}
