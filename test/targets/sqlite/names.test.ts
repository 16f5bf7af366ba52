import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrancheError } from '#tranche/core/errors.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { load, newDatabase, numbered, query, tableTarget } from '../../helpers/sqlite-table.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';

const hostile = [
  'select',
  'a b',
  `"; DROP TABLE safe; --`,
  "it's",
  '[x]',
  '`y`',
  'naïve 🙂',
  '?',
  ':p',
  '',
  '1',
  'a.b',
  '$x',
  'rowid',
];

test('any name is quoted, never run', async () => {
  const path = await newDatabase('CREATE TABLE safe (a)');
  for (const table of hostile.filter(name => name !== '')) {
    const columns = hostile.map((name, from) => ({ name, type: 'text', declared: false, from }) as const);
    for (const settings of [{}, { onConflict: 'update', key: ['select', "it's"] }] as const) {
      const target = tableTarget(path, { table, mode: 'replace', ...settings });
      await target.open(opening(columns));
      const written = await target.write(writing(csvRecords([hostile, hostile.map(() => 'x')])));
      await target.close(true);
      assert.deepEqual(written.refused, []);
    }
    const quoted = `"${table.replaceAll('"', '""')}"`;
    assert.deepEqual(await query(path, `SELECT * FROM ${quoted}`), [hostile, hostile.map(() => 'x')]);
  }
  const tables = (
    await query(path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
  ).flat();
  assert.deepEqual(tables, [...hostile.filter(name => name !== ''), 'safe', 'tranche_ledger'].sort(byBytes));
});

test('columns are matched by name, whatever their case and order', async () => {
  const path = await newDatabase(
    'CREATE TABLE t (Name TEXT, extra DEFAULT 7, ID INTEGER PRIMARY KEY NOT NULL, g AS (id + 1))',
  );
  await load(path, ['id:integer', 'name'], numbered(1, 3));
  assert.deepEqual(await query(path, 'SELECT * FROM t'), [
    ['row 1', 7n, 1n, 2n],
    ['row 2', 7n, 2n, 3n],
  ]);
  await load(path, ['name'], [['only']]);
  assert.deepEqual(await query(path, "SELECT id FROM t WHERE name = 'only'"), [[3n]]);
});

test('columns that do not match are a usage error that lists both sides', async () => {
  const wrong: readonly (readonly [string, RegExp])[] = [
    ['CREATE TABLE t (id INT)', /no column name \(the table: id; the records: id, name\)/],
    ['CREATE TABLE t (id INT, name TEXT, must NOT NULL)', /the records have no must/],
    ['CREATE TABLE t (id INT, name AS (id))', /no column name/],
    ['CREATE VIEW t AS SELECT 1 AS id, 2 AS name', /it is a view/],
  ];
  for (const [sql, message] of wrong) {
    const path = await newDatabase(sql);
    await assert.rejects(load(path, ['id:integer', 'name'], numbered(0, 1)), (error: TrancheError) => {
      assert.equal(error.code, 'usage');
      assert.match(error.message, message);
      assert.ok(error.hint);
      return true;
    });
  }
});

test('names that SQLite cannot have, or cannot tell apart, are usage errors, and no file is made', async () => {
  const path = await newDatabase();
  const many = Array.from({ length: 2001 }, (_, i) => `c${i}`);
  for (const [names, message] of [
    [['id', 'ID'], /columns id and ID/],
    [['a\0b'], /NUL/],
    [many, /2001 columns/],
  ] as const) {
    await assert.rejects(tableTarget(path).open(opening(columnsOf(...names))), (error: TrancheError) => {
      assert.equal(error.code, 'usage');
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(query(path, 'SELECT 1'), /does not exist|unable to open/);
});

test('as many columns as SQLite allows', async () => {
  const path = await newDatabase();
  const many = Array.from({ length: 2000 }, (_, i) => `c${i}:integer`);
  await load(path, many, [many.map((_, i) => String(i)), many.map(() => 'x')]);
  assert.deepEqual(await query(path, 'SELECT c0, c1999, typeof(c7) FROM t'), [
    [0n, 1999n, 'integer'],
    ['x', 'x', 'text'],
  ]);
});

test('no columns: nothing is made, and records have nowhere to go', async () => {
  const path = await newDatabase();
  const target = tableTarget(path);
  await target.open(opening([]));
  const written = await target.write(writing({ form: 'objects', count: 1, objects: [{}] }));
  await target.close(true);
  assert.deepEqual([written.count, written.refused.length], [0, 1]);
  assert.deepEqual(await query(path, "SELECT name FROM sqlite_schema WHERE name = 't'"), []);
});

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
