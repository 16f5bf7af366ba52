import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { TrancheError } from '#tranche/core/errors.js';
import { Breaker } from '#tranche/engine/breaker.js';
import { run } from '#tranche/engine/run.js';
import { Throttle } from '#tranche/engine/throttle.js';
import { fakeJob, type Item } from '../helpers/fake-job.js';

const gone = new TrancheError('io', 'gone', { kind: 'transient' });
const { signal } = new AbortController();

function breaker(after: number, patience: number) {
  const told: (number | 'closed')[] = [];
  const made = new Breaker(
    { after, patience },
    { opened: (_, pause) => told.push(Math.round(pause)), closed: () => told.push('closed') },
  );
  return { made, told };
}

/** Whether it lets an attempt through by now. */
async function passes(waiting: Promise<void>): Promise<boolean> {
  let passed = false;
  void waiting.then(() => {
    passed = true;
  });
  await turn();
  return passed;
}

test('failures in a row open it, one probe at a time goes out, and a success closes it', async context => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const clock = mock.method(performance, 'now', () => now);
  context.after(() => clock.mock.restore());
  let now = 0;
  const tick = (milliseconds: number) => {
    now += milliseconds;
    context.mock.timers.tick(milliseconds);
  };
  const { made, told } = breaker(3, 60_000);
  assert.equal(made.failed(gone), false);
  made.answered();
  assert.deepEqual([made.failed(gone), made.failed(gone), made.failed(gone)], [false, false, true]);
  const [first, second] = [made.enter(signal), made.enter(signal)];
  assert.deepEqual([await passes(first), await passes(second)], [false, false]);
  tick(1000);
  assert.deepEqual([await passes(first), await passes(second)], [true, false]);
  made.failed(gone);
  tick(1000);
  assert.equal(await passes(second), false);
  tick(1000);
  assert.equal(await passes(second), true);
  const third = made.enter(signal);
  made.answered();
  assert.equal(await passes(third), true);
  assert.deepEqual(told, [1000, 2000, 'closed']);
});

test('it gives up after its patience, and not before a last probe at the end of it', async context => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const clock = mock.method(performance, 'now', () => now);
  context.after(() => clock.mock.restore());
  const { made, told } = breaker(1, 2500);
  for (;;) {
    if (!made.failed(gone)) break;
    const entering = made.enter(signal);
    const pause = told.at(-1) as number;
    now += pause;
    context.mock.timers.tick(pause);
    const ended = await entering.then(
      () => null,
      (error: TrancheError) => error,
    );
    if (ended === null) continue;
    assert.equal(ended.code, 'retries_exhausted');
    assert.match(ended.message, /gone/);
    break;
  }
  assert.deepEqual(told, [1000, 1500]);
});

test('a stop ends the wait', async () => {
  const controller = new AbortController();
  const { made } = breaker(1, 60_000);
  made.failed(gone);
  const waiting = made.enter(controller.signal);
  controller.abort('SIGINT');
  await assert.rejects(waiting, reason => reason === 'SIGINT');
});

test('an outage costs no retries of a batch: the run goes on when the other side is back', async () => {
  let attempts = 0;
  const { job, events, target } = fakeJob({
    items: Array.from({ length: 8 }, (_, i): Item => i),
    settings: {
      batchSize: 2,
      concurrency: 2,
      retry: { retries: 2, delay: 0, maxDelay: 0 },
      breaker: { after: 2, patience: 60_000 },
    },
    write: (how, fake) => {
      if (++attempts <= 3) throw gone;
      return fake.take(how);
    },
  });
  const outcome = await run(job);
  assert.equal(outcome.status, 'finished');
  assert.equal(target.written.length, 8);
  assert.deepEqual([outcome.flow.breaks, outcome.flow.breakTime >= 900], [1, true]);
  assert.deepEqual(
    events.flatMap(event => (event.type === 'breaker' ? [event.pause === null] : [])).at(-1),
    true,
  );
});

test('the number in flight grows with success, is halved by failures and by latency, and stays within bounds', () => {
  const throttle = new Throttle(8, true);
  assert.equal(throttle.limit, 1);
  for (let i = 0; i < 3; i++) throttle.succeeded(10);
  assert.equal(throttle.limit, 4);
  for (let i = 0; i < 100; i++) throttle.succeeded(10);
  assert.equal(throttle.limit, 8);
  throttle.failed();
  assert.equal(throttle.limit, 4);
  // Sent before the decrease: no news.
  for (let i = 0; i < 7; i++) throttle.failed();
  assert.equal(throttle.limit, 4);
  for (let i = 0; i < 5; i++) throttle.succeeded(10);
  assert.equal(throttle.limit, 5);
  for (let i = 0; i < 100; i++) throttle.succeeded(10);
  assert.equal(throttle.limit, 8);
  for (let i = 0; i < 7; i++) throttle.succeeded(50);
  assert.ok(throttle.limit < 8, `${throttle.limit}`);
  for (let i = 0; i < 200; i++) throttle.failed();
  assert.equal(throttle.limit, 1);
  const fixed = new Throttle(8, false);
  fixed.failed();
  assert.equal(fixed.limit, 8);
});

test('the limit stays near what the other side can do at once, however long it goes on', () => {
  const throttle = new Throttle(64, true);
  const limits: number[] = [];
  // Eight are worked at at once; whatever comes on top waits.
  for (let batches = 0; batches < 50_000; batches++) {
    throttle.succeeded(20 * Math.max(1, throttle.limit / 8));
    if (batches >= 1000) limits.push(throttle.limit);
  }
  assert.ok(Math.max(...limits) <= 24, `up to ${Math.max(...limits)}`);
  assert.ok(Math.min(...limits) >= 4, `down to ${Math.min(...limits)}`);
});

test('a server that became slower for good is not taken for one that is overloaded for ever', () => {
  const throttle = new Throttle(16, true);
  for (let batches = 0; batches < 200; batches++) throttle.succeeded(10);
  for (let batches = 0; batches < 2000; batches++) throttle.succeeded(50);
  assert.equal(throttle.limit, 16);
});
