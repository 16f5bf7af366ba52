import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { retryRejects } from '#tranche/retry-rejects.js';
import {
  query as askPostgres,
  missingPostgres,
  newTable,
  execute as runPostgres,
} from '../helpers/postgres.js';
import { execute, newDatabase, query } from '../helpers/sqlite-table.js';
import { Workplace } from '../helpers/workplace.js';

const all = { maxErrors: { percent: 100 } } as const;
const failing = 'export default r => { throw new Error("not yet"); }';
const passing = 'export default r => r';

test('rows of SQLite that a transform could not handle: every value as it was', async () => {
  const place = await Workplace.make();
  const path =
    await newDatabase(`CREATE TABLE t (id INTEGER PRIMARY KEY, big INTEGER, r REAL, s TEXT, e TEXT, n TEXT, b BLOB);
    INSERT INTO t VALUES (1, 9007199254740993, 0.1, 'a "quoted", b', '', NULL, NULL), (2, -1, 1e300, 'x' || char(10) || 'y', '[1]', '{}', NULL)`);
  await place.write('failing.mjs', failing);
  await place.write('passing.mjs', passing);
  const plan = {
    job: 'job',
    stateDir: place.path('state'),
    source: `sqlite:${path}#t`,
    target: place.path('out.ndjson'),
  };
  const straight = { ...plan, job: 'straight', target: place.path('straight.ndjson') };
  await copy({ ...straight, transform: place.path('passing.mjs') });
  const first = await copy({ ...plan, ...all, transform: place.path('failing.mjs') });
  assert.equal(first.counts.rejected, 2);
  const again = await retryRejects({ ...plan, transform: place.path('passing.mjs') });
  assert.deepEqual([again.error, again.counts.written], [null, 2]);
  const rows = (name: string) =>
    place
      .read(name)!
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line));
  assert.deepEqual(rows('out.ndjson'), rows('straight.ndjson'));
  assert.match(place.read('out.ndjson')!, /9007199254740993/);
});

test('a row with a blob stays a reject: a text is another value', async () => {
  const place = await Workplace.make();
  const path = await newDatabase(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, b); INSERT INTO t VALUES (1, x'00ff'), (2, '00ff')",
  );
  await place.write('failing.mjs', failing);
  const plan = {
    job: 'job',
    stateDir: place.path('state'),
    source: `sqlite:${path}#t`,
    target: place.path('out.ndjson'),
  };
  await copy({ ...plan, ...all, transform: place.path('failing.mjs') });
  const again = await retryRejects(plan);
  assert.deepEqual([again.counts.written, again.counts.rejected], [1, 1]);
  assert.match((await place.left()).rejects[0]!.message, /^it has binary values/);
});

test('rows of PostgreSQL, refused by a constraint that is gone', { skip: missingPostgres }, async () => {
  const place = await Workplace.make();
  const from = await newTable('id bigint PRIMARY KEY, s text, n text');
  const to = await newTable('id bigint PRIMARY KEY CHECK (id < 8), s text, n text');
  await runPostgres(
    `INSERT INTO ${from.table} SELECT i, 'a, "' || i || E'"\\n', CASE WHEN i % 2 = 0 THEN '' END FROM generate_series(1, 20) AS i`,
  );
  const plan = { job: 'job', stateDir: place.path('state'), source: from.url, target: to.url };
  const first = await copy({ ...plan, ...all, batchSize: 6 });
  assert.deepEqual([first.error, first.counts.rejected], [null, 13]);
  await runPostgres(
    `ALTER TABLE ${to.table} DROP CONSTRAINT ${/\w+$/.exec(to.table.replaceAll('"', ''))![0]}_id_check`,
  );
  for (;;) {
    const { status, error } = await retryRejects({ ...plan, batchSize: 3, maxBatches: 1 });
    assert.equal(error, null);
    if (status === 'finished') break;
  }
  const rows = async (table: string) => await askPostgres(`SELECT * FROM ${table} ORDER BY id`);
  assert.deepEqual(await rows(to.table), await rows(from.table));
  assert.deepEqual(await place.left(), { resolved: 13, rejects: [] });
});

test('a row whose key is there is left alone when it is sent again with --on-conflict', async () => {
  const place = await Workplace.make();
  const path = await newDatabase(
    "CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT); INSERT INTO t VALUES (2, 'old')",
  );
  await place.write('in.csv', 'id,s\n1,a\n2,b\n3,c\n');
  const plan = {
    job: 'job',
    stateDir: place.path('state'),
    source: place.path('in.csv'),
    target: `sqlite:${path}#t`,
  };
  await copy({ ...plan, ...all });
  assert.equal((await place.left()).rejects[0]!.reason, 'constraint');
  const again = await retryRejects({ ...plan, onConflict: 'update', key: ['id'] });
  assert.deepEqual([again.error, again.counts.written], [null, 1]);
  await execute(path, "UPDATE t SET s = s || '!' WHERE id = 1");
  assert.deepEqual(await query(path, 'SELECT s FROM t ORDER BY id'), [['a!'], ['b'], ['c']]);
});
