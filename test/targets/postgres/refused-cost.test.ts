import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import type { Records } from '#tranche/core/records.js';
import { createTarget } from '#tranche/targets/index.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { execute, missingPostgres, newTable } from '../../helpers/postgres.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';

const skip = missingPostgres;
const COUNT = 10_000;
const ROUNDS = 3;
/** Times as long as a batch without a bad record that one with so many may take; a quarter of what is allowed here, so that a busy machine does not fail the test. */
const most: Readonly<Record<number, number>> = { 1: 3, 10: 5, 1000: 30 };
const SLACK = 4;

const faults = {
  'a key that is there twice': { table: 'id bigint PRIMARY KEY, v text', bad: ['-1', 'v'] },
  'a check': { table: 'id bigint CHECK (id >= 0), v text', bad: ['-2', 'v'] },
  'no such value of a type': { table: 'id bigint, v inet', bad: ['7', 'x'] },
  'what we see ourselves': { table: 'id bigint, v text', bad: ['x', 'v'] },
} as const;

function batch(table: string, bad: readonly string[], many: number) {
  const good = table.includes('inet') ? '10.0.0.1' : 'text';
  const isBad = (i: number) => many > 0 && i % (COUNT / many) === Math.floor(COUNT / many / 2);
  return csvRecords(Array.from({ length: COUNT }, (_, i) => (isBad(i) ? bad : [String(i), good])));
}

/** Milliseconds that one batch takes, the table being open. */
async function timeOf(
  definition: string,
  bad: readonly string[],
  records: Records,
  many: number,
): Promise<number> {
  const { url, table } = await newTable(definition);
  if (bad[0] === '-1') await execute(`INSERT INTO ${table} VALUES (-1, '')`);
  const context = {
    options: {},
    stdout: new PassThrough(),
    sourceFormat: 'csv',
    reshaped: false,
    timeout: 60_000,
    report: () => {},
  } as const;
  const target = await createTarget(url, context);
  try {
    await target.open(opening(columnsOf('id:integer', 'v')));
    const began = performance.now();
    const { refused } = await target.write(writing(records));
    await target.sync();
    const time = performance.now() - began;
    assert.equal(refused.length, many);
    return time;
  } finally {
    await target.close(false);
  }
}

for (const [name, { table, bad }] of Object.entries(faults)) {
  test(`a batch with records that are refused takes not much longer than one without: ${name}`, {
    skip,
  }, async t => {
    const numbers = [0, ...Object.keys(most).map(Number)];
    const batches = new Map(numbers.map(many => [many, batch(table, bad, many)]));
    const times = new Map(numbers.map(many => [many, Number.POSITIVE_INFINITY]));
    for (let round = 0; round < ROUNDS; round++) {
      for (const many of numbers) {
        times.set(many, Math.min(times.get(many)!, await timeOf(table, bad, batches.get(many)!, many)));
      }
    }
    const clean = times.get(0)!;
    for (const [many, times_] of Object.entries(most)) {
      const ratio = times.get(Number(many))! / clean;
      t.diagnostic(`${many} bad: ${ratio.toFixed(1)} times ${clean.toFixed(1)} ms`);
      assert.ok(ratio <= SLACK * times_, `${many} bad of ${COUNT}: ${ratio.toFixed(1)} times as long`);
    }
  });
}
