import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchSizing } from '#tranche/engine/batch-sizing.js';
import { run } from '#tranche/engine/run.js';
import { Traffic } from '#tranche/engine/traffic.js';
import { settingsOf } from '#tranche/plan/settings.js';
import { fakeJob, valuesOf } from '../helpers/fake-job.js';

const timed = { batchSize: 1000, batchBytes: 1e6, batchTime: 2000 };
const traits = {
  guarantee: 'at least once',
  because: '',
  batchSize: 1000,
  batchTime: 2000,
  cells: true,
  fixedColumns: true,
} as const;

/** The size after so many batches, of which each record takes so many milliseconds. */
function grown(sizing: BatchSizing, batches: number, perRecord: number): number {
  for (let i = 0; i < batches; i++) sizing.took(sizing.records, sizing.records * perRecord);
  return sizing.records;
}

test('batches have as many records as they may where no time is given', () => {
  const sizing = new BatchSizing({ ...timed, batchTime: null });
  assert.deepEqual([sizing.records, sizing.bytes, sizing.isTimed], [1000, 1e6, false]);
  assert.equal(grown(sizing, 10, 1e6), 1000);
});

test('batches begin with few records and come to take the time that is given, within their bounds', () => {
  const sizing = new BatchSizing(timed);
  assert.deepEqual([sizing.records, sizing.isTimed], [10, true]);
  const fitting = grown(sizing, 20, 50);
  assert.ok(fitting >= 39 && fitting <= 40, `${fitting} records of 50 ms`);
  assert.equal(grown(sizing, 40, 0.01), 1000);
  assert.equal(grown(sizing, 60, 5000), 1);
});

test('a batch that took no time makes no batch larger than it may be', () => {
  const sizing = new BatchSizing(timed);
  sizing.took(1, 0);
  assert.ok(sizing.records > 10 && sizing.records <= 1000, `${sizing.records}`);
});

test('what counts is how many records were read, whatever a transform made of them', () => {
  const { job } = fakeJob({ items: [], settings: timed });
  const traffic = new Traffic(job);
  const records = { form: 'rows', rows: [] } as const;
  // Five records of each, 10 ms for one: 40 are read in two seconds.
  for (let i = 0; i < 20; i++) traffic.succeeded({ read: 8, records: { ...records, count: 40 } }, 400);
  assert.equal(traffic.sizing.records, 40);
  traffic.succeeded({ read: 100, records: { ...records, count: 0 } }, 0);
  assert.equal(traffic.sizing.records, 40);
});

test('a size that was asked for is the size', () => {
  assert.equal(settingsOf({}, traits).batchTime, 2000);
  const { batchSize, batchTime } = settingsOf({ batchSize: 7 }, traits);
  assert.deepEqual([batchSize, batchTime], [7, null]);
  assert.equal(settingsOf({}, { ...traits, batchTime: undefined } as never).batchTime, null);
});

test('a run makes its batches larger while they are fast, loses no record, and ends where the input does', async () => {
  const items = Array.from({ length: 200 }, (_, i) => i);
  const sizes: number[] = [];
  const { job, target } = fakeJob({
    items,
    settings: { batchSize: 50, batchTime: 2000 },
    write: (how, target) => {
      sizes.push(valuesOf(how.records).length);
      return target.take(how);
    },
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.status, target.written], ['finished', items]);
  assert.deepEqual([sizes[0], Math.max(...sizes) > 20 && Math.max(...sizes) <= 50], [10, true], `${sizes}`);
});

test('with batches of many sizes the latency of a record tells whether the other side is overloaded', async () => {
  const { job } = fakeJob({
    items: Array.from({ length: 3000 }, (_, i) => i),
    settings: { batchSize: 100, batchTime: 2000, concurrency: 4, adaptive: true },
    write: async (how, target) => {
      // A fifth of a millisecond a record, whatever the size.
      const until = performance.now() + how.records.count / 5;
      while (performance.now() < until) await new Promise(resolve => setImmediate(resolve));
      return target.take(how);
    },
  });
  const { flow } = await run(job);
  assert.equal(flow.inFlight, 4);
});
