import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Records } from '#tranche/core/records.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';

const skip = withoutMysql;
const database = await TestDatabase.make();
const COUNT = 10_000;
const ROUNDS = 5;
/** Times as long as a batch without a bad record that one with so many may take; the test allows more, for a machine that has other things to do. */
const most: Readonly<Record<number, number>> = { 1: 3, 10: 5, 1000: 30 };
const SLACK = 4;

const faults = {
  'a key that is there twice': { table: 'id BIGINT PRIMARY KEY, v TEXT', bad: ['-1', 'v'] },
  'a check': { table: 'id BIGINT PRIMARY KEY, v TEXT, CHECK (id <> -2)', bad: ['-2', 'v'] },
  'a text that is too long': { table: 'id BIGINT PRIMARY KEY, v VARCHAR(5)', bad: [null, 'too long'] },
  'a number that is too large': { table: 'id INT, v TEXT', bad: ['99999999999', 'v'] },
  'what we see ourselves': { table: 'id BIGINT, v TEXT', bad: ['x', 'v'] },
} as const;

function batch(bad: readonly (string | null)[], many: number): Records {
  const isBad = (i: number) => many > 0 && i % (COUNT / many) === Math.floor(COUNT / many / 2);
  return csvRecords(
    Array.from({ length: COUNT }, (_, i) =>
      isBad(i) ? [bad[0] ?? String(i), bad[1]!] : [String(i), 'text'],
    ),
  );
}

/** Milliseconds that one batch takes, the table being open. */
async function timeOf(definition: string, records: Records, many: number): Promise<number> {
  await database.run(
    'DROP TABLE IF EXISTS t, tranche_ledger',
    `CREATE TABLE t (${definition})`,
    "INSERT INTO t VALUES (-1, '')",
  );
  const target = database.target();
  try {
    await target.open(opening(columnsOf('id:integer', 'v')));
    const began = performance.now();
    const { refused } = await target.write(writing(records));
    await target.sync();
    const time = performance.now() - began;
    assert.equal(refused.length, many);
    return time;
  } finally {
    await target.close();
  }
}

for (const [name, { table, bad }] of Object.entries(faults)) {
  test(`a batch with records that are refused takes not much longer than one without: ${name}`, {
    skip,
  }, async t => {
    const numbers = [0, ...Object.keys(most).map(Number)];
    const times = new Map(numbers.map(many => [many, Number.POSITIVE_INFINITY]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const many of numbers) {
        times.set(many, Math.min(times.get(many)!, await timeOf(table, batch(bad, many), many)));
      }
    }
    const clean = times.get(0)!;
    for (const [many, allowed] of Object.entries(most)) {
      const ratio = times.get(Number(many))! / clean;
      t.diagnostic(`${many} bad: ${ratio.toFixed(1)} times ${clean.toFixed(1)} ms`);
      assert.ok(ratio <= SLACK * allowed, `${many} bad of ${COUNT}: ${ratio.toFixed(1)} times as long`);
    }
  });
}
