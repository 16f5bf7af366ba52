import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrancheError } from '#tranche/core/errors.js';
import type { SqliteSettings } from '#tranche/targets/sqlite/settings.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { execute, load, newDatabase, numbered, query, tableTarget } from '../../helpers/sqlite-table.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';

const columns = ['id:integer', 'name'];

test('rows that violate a constraint are refused, all others of the batch are in', async () => {
  for (const bad of [0, 1, 10, 1000]) {
    const path = await newDatabase('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
    const total = 10_000;
    const step = bad === 0 ? total + 1 : total / bad;
    const rows = numbered(0, total).map(([id, name], i) =>
      i % step === step - 1 ? [id!, null] : [id!, name!],
    );
    const expected = rows.flatMap(([, name], i) => (name === null ? [i] : []));
    assert.equal(expected.length, bad);
    const written = await load(path, columns, rows);
    assert.equal(written.count, total - bad);
    assert.deepEqual(
      written.refused.map(({ index, reason }) => [index, reason]),
      expected.map(index => [index, 'constraint']),
    );
    if (bad > 0) assert.equal(written.refused[0]!.message, 'NOT NULL constraint failed: t.name');
    assert.deepEqual(await query(path, 'SELECT count(*), count(DISTINCT id) FROM t'), [
      [BigInt(total - bad), BigInt(total - bad)],
    ]);
  }
});

test('refusals of every kind come in the order of the records', async () => {
  const path = await newDatabase('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)');
  const written = await load(
    path,
    ['id:integer', 'name'],
    [
      ['1', 'a'],
      ['1', 'b'],
      ['007', 'c'],
      ['x', 'd'],
      ['2', 'e'],
    ],
  );
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [
      [1, 'constraint'],
      [2, 'type'],
      [3, 'type'],
    ],
  );
  assert.deepEqual(await query(path, 'SELECT name FROM t'), [['a'], ['e']]);
});

test('the refused are told to seal', async () => {
  const path = await newDatabase('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)');
  const target = tableTarget(path);
  await target.open(opening(columnsOf(...columns)));
  let sealed: readonly number[] = [];
  const seal = async (refused: readonly { readonly index: number }[]) => {
    sealed = refused.map(({ index }) => index);
    return 'entry';
  };
  const records = csvRecords([...numbered(0, 3), ...numbered(2, 4)]);
  const written = await target.write(writing(records, { seal }));
  await target.close(true);
  assert.deepEqual(sealed, [3]);
  assert.equal(written.count, 4);
});

test('a constraint that is looked at when the batch is committed refuses the batch', async () => {
  const path = await newDatabase(
    'CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE t (id INT REFERENCES p DEFERRABLE INITIALLY DEFERRED, name TEXT)',
  );
  const target = tableTarget(path);
  await target.open(opening(columnsOf(...columns)));
  await assert.rejects(target.write(writing(csvRecords(numbered(0, 3)))), {
    code: 'target_refused',
    kind: 'record',
  });
  assert.deepEqual(await query(path, 'SELECT count(*) FROM t'), [[0n]]);
  await target.close(false);
});

test('a key that exists: refused, left out, or its row updated', async () => {
  const outcomes = {
    error: { refused: [0], names: ['old', 'row 2'] },
    ignore: { refused: [], names: ['old', 'row 2'] },
    update: { refused: [], names: ['row 1', 'row 2'] },
  } as const;
  for (const onConflict of ['error', 'ignore', 'update'] as const) {
    for (const key of [['ID'], null]) {
      const path = await newDatabase(
        "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, kept); INSERT INTO t VALUES (1, 'old', 'kept')",
      );
      const written = await load(path, columns, numbered(1, 3), { onConflict, key });
      const expected = outcomes[onConflict];
      assert.deepEqual(
        written.refused.map(({ index }) => index),
        expected.refused,
      );
      assert.equal(written.count, 2 - expected.refused.length, 'what is ignored counts as written');
      assert.deepEqual((await query(path, 'SELECT name FROM t ORDER BY id')).flat(), expected.names);
      assert.deepEqual(await query(path, 'SELECT kept FROM t WHERE id = 1'), [['kept']]);
    }
  }
});

test('of the same key twice in a batch the last one stays with update, the first with ignore', async () => {
  const rows = [
    ['1', 'a'],
    ['2', 'b'],
    ['1', 'c'],
  ];
  for (const [onConflict, names] of [
    ['update', ['c', 'b']],
    ['ignore', ['a', 'b']],
  ] as const) {
    const path = await newDatabase();
    await load(path, columns, rows, { onConflict, key: ['id'] });
    assert.deepEqual((await query(path, 'SELECT name FROM t ORDER BY id')).flat(), names);
  }
});

test('a new table has its key: unique, and never NULL', async () => {
  const path = await newDatabase();
  const rows = [...numbered(0, 2), ...numbered(1, 3), [null, 'none']];
  const written = await load(path, columns, rows, { key: ['id'] });
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [
      [2, 'constraint'],
      [4, 'constraint'],
    ],
  );
});

test('a key of all columns leaves nothing to update', async () => {
  const path = await newDatabase();
  const written = await load(path, columns, [...numbered(0, 2), ...numbered(1, 3)], {
    onConflict: 'update',
    key: ['id', 'name'],
  });
  assert.equal(written.count, 4);
  assert.deepEqual(await query(path, 'SELECT count(*) FROM t'), [[3n]]);
});

test('a key without a unique index, and no key at all, are usage errors with the remedy', async () => {
  const wrong: readonly (readonly [string | undefined, Partial<SqliteSettings>, RegExp])[] = [
    [
      'CREATE TABLE t (id INT, name TEXT)',
      { onConflict: 'update', key: ['id'] },
      /CREATE UNIQUE INDEX "t_key" ON "t" \("id"\)/,
    ],
    ['CREATE TABLE t (id INT, name TEXT)', { onConflict: 'ignore' }, /--key/],
    [undefined, { onConflict: 'update' }, /--key/],
    [undefined, { onConflict: 'update', key: ['nr'] }, /id, name/],
  ];
  for (const [sql, settings, hint] of wrong) {
    const path = await newDatabase(sql);
    await assert.rejects(load(path, columns, [], settings), (error: TrancheError) => {
      assert.equal(error.code, 'usage');
      assert.match(error.hint!, hint);
      return true;
    });
  }
  const path = await newDatabase('CREATE TABLE t (id INT, name TEXT)');
  await execute(path, 'CREATE UNIQUE INDEX "t_key" ON "t" ("id")');
  await load(path, columns, numbered(0, 2), { onConflict: 'update', key: ['id'] });
});
