import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pace, pacedBatch } from '#tranche/engine/pace.js';
import { backoff, pause } from '#tranche/engine/retry.js';
import { run } from '#tranche/engine/run.js';
import { fakeJob } from '../helpers/fake-job.js';

test('batches are small enough for an even pace, and never empty', () => {
  assert.deepEqual(pacedBatch({}, 10_000, 1e6), { records: 10_000, bytes: 1e6 });
  assert.deepEqual(pacedBatch({ rate: 1000 }, 10_000, 1e6), { records: 50, bytes: 1e6 });
  assert.deepEqual(pacedBatch({ rate: 1, rateBytes: 3 }, 10_000, 1e6), { records: 1, bytes: 1 });
  assert.deepEqual(pacedBatch({ rate: 1e9, rateBytes: 5000 }, 7, 1e6), { records: 7, bytes: 250 });
});

/** Milliseconds that `batches` of `records` and `bytes` take, if each takes `own` by itself. Waits move the clock instead of the time. */
async function duration(
  limits: ConstructorParameters<typeof Pace>[0],
  batches: number,
  records: number,
  bytes: number,
  own: number,
) {
  let now = 5000;
  const wait = async (milliseconds: number) => {
    now += milliseconds;
  };
  const pace = new Pace(limits, undefined, () => now, wait);
  const { signal } = new AbortController();
  for (let i = 0; i < batches; i++) {
    await pace.take(records, bytes, signal);
    now += own;
  }
  await pace.take(0, 0, signal);
  return now - 5000;
}

test('the pace is kept, whichever limit is the tighter one, and no faster than the target', async () => {
  const near = (found: number, expected: number) =>
    assert.ok(Math.abs(found - expected) <= expected * 0.02 + 100, `${found} ms instead of ${expected}`);
  near(await duration({ rate: 1000 }, 100, 100, 0, 1), 10_000);
  near(await duration({ rate: 1000 }, 100, 100, 0, 90), 10_000);
  near(await duration({ rateBytes: 1e6 }, 100, 1, 1e5, 0), 10_000);
  near(await duration({ rate: 1000, rateBytes: 1e6 }, 100, 100, 2e5, 0), 20_000);
  near(await duration({ rate: 1000 }, 100, 100, 0, 300), 30_000);
  near(await duration({}, 100, 100, 1e6, 3), 300);
});

test('what was slow for a while earns no burst', async () => {
  let now = 0;
  const pace = new Pace(
    { rate: 1000 },
    undefined,
    () => now,
    async milliseconds => {
      now += milliseconds;
    },
  );
  const { signal } = new AbortController();
  await pace.take(100, 0, signal);
  now += 60_000;
  const after = now;
  for (let i = 0; i < 20; i++) await pace.take(100, 0, signal);
  assert.ok(now - after >= 1700, `20 batches of a tenth of a second in ${now - after} ms`);
});

test('batches in flight at once share the pace: each has its own turn', async () => {
  const waits: number[] = [];
  const pace = new Pace(
    { rate: 1000 },
    undefined,
    () => 5000,
    async milliseconds => void waits.push(milliseconds),
  );
  const { signal } = new AbortController();
  await Promise.all([1, 2, 3, 4, 5].map(() => pace.take(50, 0, signal)));
  assert.deepEqual(waits, [50, 100, 150]);
  assert.deepEqual([pace.waits, pace.waited, pace.waiting], [3, 300, 0]);
});

test('a process that stood still does not let go of all turns at once', async () => {
  let now = 0;
  const out: number[] = [];
  const sleeping: { at: number; wake: () => void }[] = [];
  const wait = (milliseconds: number) =>
    new Promise<void>(wake => void sleeping.push({ at: now + milliseconds, wake }));
  const pace = new Pace({ rate: 1000 }, undefined, () => now, wait);
  const { signal } = new AbortController();
  const taken = Array.from({ length: 20 }, () => pace.take(50, 0, signal).then(() => out.push(now)));
  for (now = 60_000; out.length < taken.length; now += 10) {
    for (const one of sleeping.splice(0)) one.at <= now ? one.wake() : sleeping.push(one);
    await new Promise(resolve => setImmediate(resolve));
  }
  const most = Math.max(...out.map(from => out.filter(at => at >= from && at < from + 100).length));
  assert.ok(most <= 4, `${most} batches of a twentieth of a second in a tenth: at ${out.join(', ')}`);
});

test('waits for the pace are told as they begin, with one batch in flight too, and nothing is told without a pace', async () => {
  const { job, events } = fakeJob({
    items: [1, 2, 3, 4, 5, 6],
    settings: { batchSize: 2, pace: { rate: 20 } },
  });
  const { flow } = await run(job);
  const held = events.flatMap(event => (event.type === 'held' ? [event] : []));
  assert.deepEqual(
    held.map(({ waits }) => waits),
    [1, 2],
  );
  assert.equal(Math.round(held.at(-1)!.time), flow.pacedTime);
  assert.ok(!events.some(({ type }) => type === 'flow'));
  const free = fakeJob({ items: [1, 2, 3] });
  await run(free.job);
  assert.ok(!free.events.some(({ type }) => type === 'held' || type === 'flow'));
});

test('a turn that is waited for ends with the run', async () => {
  const pace = new Pace({ rate: 0.001 });
  const controller = new AbortController();
  await pace.take(1, 0, controller.signal);
  const waiting = pace.take(1, 0, controller.signal);
  controller.abort('SIGINT');
  await assert.rejects(waiting, reason => reason === 'SIGINT');
});

test('waits between attempts grow, are jittered and have a limit', () => {
  const policy = { retries: 9, delay: 200, maxDelay: 3000 };
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 60].map(attempt => backoff(policy, attempt, () => 1)),
    [200, 400, 800, 1600, 3000, 3000, 3000],
  );
  assert.equal(
    backoff(policy, 3, () => 0),
    0,
  );
  assert.equal(
    backoff(policy, 3, () => 0.25),
    200,
  );
  for (let i = 0; i < 100; i++) assert.ok(backoff(policy, 2) <= 400);
});

test('a wait ends at once, without an error, when the run is stopped', async () => {
  const controller = new AbortController();
  setImmediate(() => controller.abort('SIGINT'));
  await pause(1e9, controller.signal);
  await pause(1e9, controller.signal);
});
