import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import Sqlite from 'better-sqlite3';
import { copy } from '#tranche/copy.js';
import type { CopyPlan } from '#tranche/plan/plan.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const directory = await temporaryDirectory();
let files = 0;

/** A database file with a table `t`. */
function database(...statements: readonly string[]): string {
  const file = join(directory, `${files++}.db`);
  const opened = new Sqlite(file);
  for (const statement of statements) opened.exec(statement);
  opened.close();
  return file;
}

/** The table `s` with the numbers `n` from 1 on, for a statement to begin with. */
function numbers(most: number): string {
  return `WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${most})`;
}

async function text(plan: Omit<CopyPlan, 'target'>, format: string): Promise<string> {
  const target = join(directory, `${files++}.${format}`);
  const { status, error } = await copy({
    stateDir: join(directory, `state-${files}`),
    maxErrors: { count: 10 },
    ...plan,
    target,
  });
  assert.equal(status, 'finished', error?.message);
  return await readFile(target, 'utf8');
}

/** The rows of `t` as they come by the index, out of a sorted copy, and value by value, which is how what cannot be resumed is read. */
async function inEveryWay(file: string, key: readonly string[], batchSize: number): Promise<void> {
  const [source, query] = [`sqlite:${file}`, 'SELECT * FROM t'];
  for (const format of ['csv', 'ndjson']) {
    const byIndex = await text({ source: `${source}#t`, batchSize }, format);
    const sorted = await text({ source, query, key, batchSize }, format);
    const inOrder = { source, query: `${query} ORDER BY ${key.join(', ')}`, resumeSource: false };
    const byValue = await text({ ...inOrder, batchSize }, format);
    assert.equal(byIndex, byValue);
    assert.equal(sorted, byValue);
  }
}

const awkward = [
  'NULL',
  "''",
  "' '",
  "'plain'",
  "'a,b'",
  `'say "hi"'`,
  "'back\\slash'",
  "'line' || char(10) || 'feed' || char(13) || char(9)",
  "'a' || char(0) || 'b'",
  "'🙂 ü עברית'",
  "char(65279) || 'bom'",
  "'=1+1'",
  "'null'",
  "'00501'",
  '0',
  '-1',
  '9007199254740993',
  '9223372036854775807',
  '-9223372036854775808',
];
const others = [
  '0.1',
  '1e400',
  '-1e400',
  '100.0',
  '1e20',
  '-0.0',
  '5e-324',
  "x'00ff'",
  "x'00'",
  "x'05'",
  "x'1331'",
  "x'37616263'",
  "x''",
  "CAST(x'80ff' AS TEXT)",
];

test('values are the same whether SQLite joins rows or they are read one by one', async () => {
  const rows = awkward.map((value, i) => `INSERT INTO t VALUES (${i}, ${value}, 'x')`);
  const file = database('CREATE TABLE t (id INTEGER PRIMARY KEY, v, w)', ...rows);
  for (const size of [1, 3, 100]) await inEveryWay(file, ['id'], size);
});

test('rows that JSON cannot tell come between others', async () => {
  const all = [...awkward, ...others].flatMap(value => [value, "'between'"]);
  const rows = all.map((value, i) => `INSERT INTO t VALUES (${i}, ${value})`);
  const long = "INSERT INTO t VALUES (1000, printf('%.*c', 20000, 'x')), (1001, 'last')";
  const file = database('CREATE TABLE t (id INTEGER PRIMARY KEY, v)', ...rows, long);
  for (const size of [1, 7, 1000]) await inEveryWay(file, ['id'], size);
});

test('more rows than are joined at once, and keys of every kind', async () => {
  const keys: readonly (readonly [string, string, readonly string[]])[] = [
    ['id INTEGER PRIMARY KEY, v', 'n - 1200, n', ['id']],
    ['k TEXT NOT NULL COLLATE NOCASE PRIMARY KEY, v', "char(65 + n % 58) || n || ' ''\"\\', n", ['k']],
    ['a TEXT NOT NULL, b INTEGER NOT NULL, v, UNIQUE (a, b)', 'n / 7, n % 7, n', ['a', 'b']],
    ['k REAL NOT NULL PRIMARY KEY, v', 'n / 3.0, n', ['k']],
    ['k BLOB NOT NULL PRIMARY KEY, v', "CAST('k' || n AS BLOB), n", ['k']],
  ];
  for (const [columns, values, key] of keys) {
    const file = database(
      `CREATE TABLE t (${columns})`,
      `${numbers(2500)} INSERT INTO t SELECT ${values} FROM s`,
    );
    for (const size of [999, 1000, 2500, 10_000]) await inEveryWay(file, key, size);
  }
});

test('a table that has no key is read by the number of its rows, and a stopped run goes on behind it', async () => {
  const file = database('CREATE TABLE t (v)', "INSERT INTO t VALUES ('a'), (x'01'), ('b'), (0.5), ('c')");
  const plan = {
    source: `sqlite:${file}#t`,
    target: join(directory, 'numbered.csv'),
    stateDir: join(directory, 'numbered'),
    batchSize: 1,
  };
  for (let run = 0; run < 5; run++) {
    const { status } = await copy({ ...plan, resume: true, maxBatches: 1 });
    assert.equal(status, 'paused');
  }
  assert.equal((await copy({ ...plan, resume: true })).status, 'finished');
  assert.equal(await readFile(plan.target, 'utf8'), 'v\na\n01\nb\n0.5\nc\n');
});

test('rows are in the order of a key without an index, by its collation, and a stopped run goes on behind it', async () => {
  const file = database(
    'CREATE TABLE t (k TEXT COLLATE NOCASE, n NUMERIC, r REAL)',
    "INSERT INTO t VALUES ('c', 3, 3), ('B', 2, 2.5), ('D', '4', 4), ('a', 0.5, 1), ('E', x'05', 5)",
  );
  const target = join(directory, 'sorted.csv');
  const plan = { source: `sqlite:${file}#t`, key: ['k'], target, stateDir: join(directory, 'sorted') };
  for (let run = 0; run < 4; run++) {
    assert.equal((await copy({ ...plan, batchSize: 1, resume: true, maxBatches: 1 })).status, 'paused');
  }
  const { status, error } = await copy({ ...plan, resume: true });
  assert.equal(status, 'finished', error?.message);
  assert.equal(await readFile(target, 'utf8'), 'k,n,r\na,0.5,1\nB,2,2.5\nc,3,3\nD,4,4\nE,05,5\n');
});

test('integers reach a transform as numbers, whatever else the rows hold', async () => {
  const rows = "(1, 2, 'x'), (2, 9007199254740993, 0.5), (3, -9007199254740993, x'00'), (4, 4, NULL)";
  const file = database('CREATE TABLE t (id INTEGER PRIMARY KEY, n, v)', `INSERT INTO t VALUES ${rows}`);
  const transform = join(directory, 'types.mjs');
  await writeFile(transform, 'export default ({ id, n }) => ({ id: typeof id, n: typeof n });');
  const by = ['number,number', 'number,bigint', 'number,bigint', 'number,number'];
  for (const source of [
    { source: `sqlite:${file}#t` },
    { source: `sqlite:${file}`, query: 'SELECT * FROM t', key: ['id'] },
  ])
    assert.equal(await text({ ...source, transform }, 'csv'), `id,n\n${by.join('\n')}\n`);
});

test('a run sees the table as it was when it began', async () => {
  const file = database(
    'PRAGMA journal_mode = WAL',
    'CREATE TABLE t (id INTEGER PRIMARY KEY)',
    'INSERT INTO t VALUES (1), (2)',
  );
  const target = join(directory, 'seen.csv');
  let batches = 0;
  const { status } = await copy(
    { source: `sqlite:${file}#t`, target, stateDir: join(directory, 'seen'), batchSize: 1 },
    {
      report: event => {
        if (event.type !== 'progress' || batches++ > 0) return;
        const other = new Sqlite(file);
        other.exec('INSERT INTO t VALUES (3)');
        other.close();
      },
    },
  );
  assert.equal(status, 'finished');
  assert.equal(await readFile(target, 'utf8'), 'id\n1\n2\n');
});

test('a table is copied to another one of the same file, and its rollback journal stays', async () => {
  for (const key of ['INTEGER PRIMARY KEY', 'INTEGER']) {
    const file = database(
      `CREATE TABLE a (id ${key}, v)`,
      `${numbers(2500)} INSERT INTO a SELECT n, n / 2 FROM s`,
    );
    for (const limit of [1200, undefined]) {
      const { status, error } = await copy({
        source: `sqlite:${file}#a`,
        target: `sqlite:${file}#b${limit ?? ''}`,
        stateDir: join(directory, `same-${files++}`),
        batchSize: 500,
        retries: 0,
        ...(limit && { limit }),
      });
      assert.equal(status, 'finished', error?.message);
    }
    const opened = new Sqlite(file);
    const rows = (table: string) => opened.prepare(`SELECT * FROM ${table} ORDER BY id`).all();
    assert.deepEqual(rows('b'), rows('a'));
    assert.equal(rows('b1200').length, 1200);
    assert.equal(opened.pragma('journal_mode', { simple: true }), 'delete');
    opened.close();
  }
});
