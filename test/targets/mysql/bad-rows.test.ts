import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '#tranche/mysql/driver.js';
import { LineEncoder } from '#tranche/targets/mysql/line-encoder.js';
import { planTable } from '#tranche/targets/mysql/prepare-table.js';
import { RowInserter } from '#tranche/targets/mysql/row-inserter.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { columnsOf, objectRecords, opening, writing } from '../../helpers/target-calls.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();
const columns = ['id:integer', 'name', 'parent:integer'];

/** How rows go in: as usual, or as where the server forbids `LOAD DATA LOCAL`, telling the rows of all errors or only of some. */
const ways = {
  'LOAD DATA': async (rows: Rows) => await database.load(columns, rows),
  'INSERT, rows told': async (rows: Rows) => await insert(rows, true),
  'INSERT, rows not told': async (rows: Rows) => await insert(rows, false),
};

type Rows = (string | null)[][];

async function insert(rows: Rows, tellsRows: boolean) {
  const connection = await Connection.open(database.place());
  const { signal } = new AbortController();
  const plan = await planTable(connection, database.settings(), columnsOf(...columns), true);
  assert.ok(plan.kind === 'use');
  const { into } = plan;
  const encoder = new LineEncoder(into.columns);
  await connection.run('START TRANSACTION');
  encoder.begin(csvRecords(rows));
  const misfits = encoder.finish();
  const refused = await new RowInserter({ connection, into, tellsRows, signal }, 1 << 24).insert(
    encoder.lines,
  );
  await connection.run('COMMIT');
  await connection.end();
  const all = [...misfits, ...refused].sort((one, other) => one.index - other.index);
  return { count: rows.length - all.length, refused: all };
}

async function table(): Promise<void> {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'DROP TABLE IF EXISTS parents',
    'CREATE TABLE parents (id BIGINT PRIMARY KEY)',
    'INSERT INTO parents VALUES (1)',
    `CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(10), parent BIGINT, CHECK (id <> 13),
      FOREIGN KEY (parent) REFERENCES parents (id))`,
    "INSERT INTO t VALUES (7, 'there', 1)",
  );
}

function rows(count: number): (string | null)[][] {
  return Array.from({ length: count }, (_, i) => [String(i), `row ${i}`, i % 3 === 0 ? null : '1']);
}

for (const [name, write] of Object.entries(ways)) {
  test(`just the bad rows are refused, whatever is wrong with them: ${name}`, options, async () => {
    await table();
    const all = rows(3000);
    all[100]![1] = 'longer than ten';
    all[101]![0] = '99';
    all[2000]![2] = '2';
    all[2500]![0] = null;
    all[2999]![1] = 'longer than ten';
    const { count, refused } = await write(all);
    assert.deepEqual(
      refused.map(({ index, reason }) => [index, reason]),
      [
        [7, 'constraint'],
        [13, 'constraint'],
        [100, 'type'],
        [101, 'constraint'],
        [2000, 'constraint'],
        [2500, 'constraint'],
        [2999, 'type'],
      ],
    );
    const messages = refused.map(({ message }) => message);
    assert.match(messages[0]!, /Duplicate entry '7' for key .*1062/);
    assert.match(messages[2]!, /too long|truncated for column 'name'/);
    assert.equal(count, 2993);
    assert.deepEqual(await database.rows("SELECT COUNT(*), SUM(name = 'there') FROM t"), [['2994', '1']]);
  });
}

test('a row is not refused for being a double of one that was refused itself', options, async () => {
  await table();
  const { refused } = await database.load(columns, [
    ['1', 'longer than ten', null],
    ['1', 'good', null],
    ['1', 'double', null],
    ['2', 'good', null],
  ]);
  assert.deepEqual(
    refused.map(({ index }) => index),
    [0, 2],
  );
  assert.deepEqual(await database.rows('SELECT id, name FROM t ORDER BY id'), [
    ['1', 'good'],
    ['2', 'good'],
    ['7', 'there'],
  ]);
});

test('a batch of nothing but bad rows', options, async () => {
  await table();
  const { count, refused } = await database.load(
    columns,
    Array.from({ length: 500 }, () => ['7', 'double', null]),
  );
  assert.deepEqual([count, refused.length], [0, 500]);
});

test('rows that a trigger refuses', options, async () => {
  await table();
  await database.run(
    "CREATE TRIGGER no_odds BEFORE INSERT ON t FOR EACH ROW IF NEW.id % 100 = 51 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'odd'; END IF",
  );
  const { refused } = await database.load(columns, rows(400).slice(14));
  assert.deepEqual(
    refused.map(({ index }) => index + 14),
    [51, 151, 251, 351],
  );
  assert.match(refused[0]!.message, /odd/);
});

test('bad rows cost little: 1, 10 and 1000 of 10,000', options, async () => {
  for (const doubles of [false, true]) {
    const clean = await best(0, doubles);
    for (const [bad, factor] of [
      [1, 3],
      [10, 5],
      [1000, 30],
    ] as const) {
      const took = await best(bad, doubles);
      // What is wrong in kind is wrong by far more than a busy machine adds.
      assert.ok(took < clean * factor + 300, `${bad} bad rows: ${took} ms, a clean batch: ${clean} ms`);
    }
  }
});

/** The shorter of two times. */
async function best(bad: number, doubles: boolean): Promise<number> {
  const times = [await time(bad, doubles), await time(bad, doubles)];
  return Math.min(...times);
}

/** Milliseconds for a batch of 10,000 rows of which some are bad: too long, or double. */
async function time(bad: number, doubles: boolean): Promise<number> {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(20), parent BIGINT)',
  );
  const all = rows(10_000);
  for (let i = 0; i < bad; i++) {
    const row = all[Math.floor(((i + 0.5) * all.length) / bad)]!;
    if (doubles) row[0] = '0';
    else row[1] = 'longer than twenty letters';
  }
  const records = objectRecords(...all.map(([id, name, parent]) => ({ id, name, parent })));
  const target = database.target();
  await target.open(opening(columnsOf(...columns)));
  const began = performance.now();
  const { refused } = await target.write(writing(records));
  const took = performance.now() - began;
  await target.close();
  assert.equal(refused.length, bad);
  return took;
}

test(
  'rows that a CHECK leaves out are told from those that are bad otherwise, and from good ones',
  options,
  async () => {
    await database.run(
      'DROP TABLE IF EXISTS t, tranche_ledger',
      `CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(5), parent BIGINT, CHECK (parent < 10))`,
      "INSERT INTO t VALUES (7, 'there', 1)",
    );
    const isChecked = (i: number) => i % 10 === 3 || i === 998 || i === 999;
    const isLong = (i: number) => i % 17 === 4;
    const all = Array.from({ length: 1000 }, (_, i) => [
      i === 500 ? '499' : String(i),
      isLong(i) ? 'too long' : 'good',
      isChecked(i) ? '10' : null,
    ]);
    const { refused, count } = await database.load(columns, all);
    const bad = all.flatMap((_, i) => (isChecked(i) || isLong(i) || i === 7 || i === 500 ? [i] : []));
    assert.deepEqual(
      refused.map(({ index }) => index),
      bad,
    );
    assert.equal(count, all.length - bad.length);
    const there = await database.rows('SELECT id FROM t ORDER BY id');
    const good = all.flatMap(([id], i) => (bad.includes(i) ? [] : [Number(id)]));
    assert.deepEqual(
      there.map(([id]) => Number(id)),
      [...good, 7].sort((one, other) => one - other),
    );
  },
);
