import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { noCounts } from '#tranche/core/checkpoint.js';
import { TrancheError } from '#tranche/core/errors.js';
import type { WriteBatch, Written } from '#tranche/core/target.js';
import type { Progress } from '#tranche/engine/committer.js';
import type { Job } from '#tranche/engine/job.js';
import { run } from '#tranche/engine/run.js';
import { type FakeTarget, fakeJob, type Item, valuesOf } from '../helpers/fake-job.js';

const numbers = (count: number): Item[] => Array.from({ length: count }, (_, i) => i);
const gone = (retryAfter?: number) =>
  new TrancheError('io', 'gone', { kind: 'transient', ...(retryAfter === undefined ? {} : { retryAfter }) });

/** Attempts that wait until a test lets one of them go. */
class Held {
  readonly waiting: {
    readonly first: unknown;
    readonly go: () => void;
    readonly fail: (error: unknown) => void;
  }[] = [];
  most = 0;

  write = (how: WriteBatch, target: FakeTarget): Promise<Written> =>
    new Promise((resolve, reject) => {
      const first = valuesOf(how.records)[0];
      const leave = () => this.waiting.splice(this.waiting.indexOf(one), 1);
      const one = {
        first,
        go: () => {
          leave();
          resolve(target.take(how));
        },
        fail: (error: unknown) => {
          leave();
          reject(error as Error);
        },
      };
      this.waiting.push(one);
      this.most = Math.max(this.most, this.waiting.length);
    });

  /** Once so many wait, or as many as there will be. */
  async until(count: number): Promise<void> {
    for (let turns = 0; this.waiting.length < count; turns++) {
      assert.ok(turns < 10_000, `${this.waiting.length} in flight instead of ${count}`);
      await new Promise(resolve => setImmediate(resolve));
    }
  }

  let(first: unknown): void {
    this.waiting.find(one => one.first === first)!.go();
  }
}

const concurrent = { concurrency: 4, batchSize: 2 };

test('so many batches are in flight, and no more', async () => {
  const held = new Held();
  const { job, target, events } = fakeJob({ items: numbers(20), settings: concurrent, write: held.write });
  const running = run(job);
  await held.until(4);
  for (let left = 10; left > 0; left--) {
    await held.until(Math.min(4, left));
    held.waiting.at(-1)!.go();
  }
  const outcome = await running;
  assert.deepEqual([outcome.status, held.most, outcome.flow.inFlight], ['finished', 4, 4]);
  assert.deepEqual(
    [...target.written].sort((a, b) => Number(a) - Number(b)),
    numbers(20),
  );
  assert.deepEqual([outcome.progress.position, outcome.progress.ahead], [{ at: 20 }, []]);
  assert.ok(events.some(event => event.type === 'flow' && event.inFlight === 4));
});

test('a checkpoint holds the first position that is not done, and the ranges done beyond it', async () => {
  const held = new Held();
  const controller = new AbortController();
  const { job, saved } = fakeJob({
    items: numbers(12),
    settings: { ...concurrent, retry: { retries: 9, delay: 1e9, maxDelay: 1e9 } },
    write: held.write,
    job: { signal: controller.signal },
  });
  const running = run(job);
  await held.until(4);
  held.let(2);
  await held.until(4);
  held.let(6);
  held.let(8);
  await held.until(3);
  controller.abort('SIGINT');
  for (const one of [...held.waiting]) one.fail(gone());
  const outcome = await running;
  assert.equal(outcome.status, 'paused');
  assert.equal(outcome.progress.position, null);
  assert.deepEqual(outcome.progress.ahead, [
    { after: 2, records: 2, end: { at: 4 } },
    { after: 2, records: 4, end: { at: 10 } },
  ]);
  assert.deepEqual((saved.at(-1) as unknown as Progress).ahead, outcome.progress.ahead);
});

test('a stop begins nothing new and drains what is in flight', async () => {
  const held = new Held();
  const controller = new AbortController();
  const { job, target } = fakeJob({
    items: numbers(40),
    settings: concurrent,
    write: held.write,
    job: { signal: controller.signal },
  });
  const running = run(job);
  await held.until(4);
  controller.abort('SIGINT');
  for (const one of [...held.waiting]) one.go();
  const outcome = await running;
  assert.deepEqual([outcome.stopped, target.written.length], ['SIGINT', 8]);
  assert.deepEqual([outcome.progress.position, outcome.progress.ahead], [{ at: 8 }, []]);
});

test('--max-batches counts what was begun', async () => {
  const { job, target } = fakeJob({ items: numbers(40), settings: { ...concurrent, maxBatches: 5 } });
  const outcome = await run(job);
  assert.deepEqual([outcome.stopped, target.written.length], ['--max-batches', 10]);
});

test('a failure that cannot be mended lets the others end, and keeps what they did', async () => {
  const held = new Held();
  const { job, target } = fakeJob({ items: numbers(40), settings: concurrent, write: held.write });
  const running = run(job);
  await held.until(4);
  held.waiting[1]!.fail(new TrancheError('target_refused', 'no'));
  await new Promise(resolve => setImmediate(resolve));
  for (const one of [...held.waiting]) one.go();
  const outcome = await running;
  assert.deepEqual([outcome.status, outcome.error?.message], ['failed', 'no']);
  assert.equal(target.written.length, 6);
  assert.deepEqual(
    [outcome.progress.position, outcome.progress.ahead],
    [{ at: 2 }, [{ after: 2, records: 4, end: { at: 8 } }]],
  );
});

/** Runs a job to its end through interruptions, each run with what the newest durable checkpoint says. */
async function throughKills(items: readonly Item[], runs: readonly Interrupted[]): Promise<unknown[]> {
  const written: unknown[] = [];
  let start: Job['start'] = {
    position: null,
    ahead: [],
    mark: null,
    counts: noCounts,
    batches: 0,
    rejects: 0,
  };
  for (const { concurrency, batchSize, attempts, order } of [...runs, last]) {
    let left = attempts;
    let turn = 0;
    const { job } = fakeJob({
      items,
      settings: { concurrency, batchSize, retry: { retries: 0, delay: 0, maxDelay: 0 } },
      job: { start },
      write: async (how, target) => {
        const waits = order[turn++ % order.length]!;
        for (let i = 0; i < waits; i++) await new Promise(resolve => setImmediate(resolve));
        if (left-- <= 0) throw new TrancheError('io', 'killed');
        written.push(...valuesOf(how.records));
        return target.take(how);
      },
    });
    const outcome = await run(job);
    // Everything that was done is in the newest checkpoint: the fake store is never behind.
    start = outcome.progress;
    checkCounts(outcome.progress, items);
    if (outcome.status === 'finished') break;
  }
  return written;
}

interface Interrupted {
  readonly concurrency: number;
  readonly batchSize: number;
  /** Attempts that succeed before everything fails. */
  readonly attempts: number;
  /** Turns of the event loop that attempts take. */
  readonly order: readonly number[];
}

const last: Interrupted = { concurrency: 3, batchSize: 5, attempts: Number.POSITIVE_INFINITY, order: [0] };

function checkCounts({ counts, position, ahead }: Progress, items: readonly Item[]): void {
  const beyond = ahead.reduce((sum, { records }) => sum + records, 0);
  assert.equal(counts.read, Number(position?.['at'] ?? 0) + beyond);
  assert.equal(counts.read, counts.written + counts.rejected);
  assert.ok(counts.read <= items.length);
}

test('whatever the order of completion and the batch size, what is done is not sent again and nothing is left out', async () => {
  const interrupted = fc.record({
    concurrency: fc.integer({ min: 1, max: 6 }),
    batchSize: fc.integer({ min: 1, max: 9 }),
    attempts: fc.integer({ min: 0, max: 12 }),
    order: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 8 }),
  });
  const item = fc.boolean().map(bad => bad);
  await fc.assert(
    fc.asyncProperty(
      fc.array(item, { maxLength: 60 }),
      fc.array(interrupted, { maxLength: 6 }),
      async (bad, runs) => {
        const items = bad.map((is, index): Item => (is && index % 3 === 0 ? 'bad' : index));
        const written = await throughKills(items, runs);
        assert.deepEqual(
          written.sort((a, b) => Number(a) - Number(b)),
          items.filter(one => one !== 'bad'),
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('an input that changed where records were written out of order is noticed', async () => {
  for (const [items, end] of [
    [numbers(20), { at: 7 }],
    [numbers(5), { at: 6 }],
  ] as const) {
    const start = {
      position: { at: 2 },
      ahead: [{ after: 2, records: 2, end }],
      mark: {},
      counts: { ...noCounts, read: 4, written: 4 },
      batches: 3,
      rejects: 0,
    };
    const { job } = fakeJob({ items, settings: concurrent, job: { start } });
    const outcome = await run(job);
    assert.equal(outcome.error?.code, 'source_changed', JSON.stringify(end));
  }
});

test('a run that is stopped before it reads that far does not take it for a change', async () => {
  const start = {
    position: null,
    ahead: [{ after: 10, records: 2, end: { at: 12 } }],
    mark: {},
    counts: { ...noCounts, read: 2, written: 2 },
    batches: 6,
    rejects: 0,
  };
  const { job } = fakeJob({
    items: numbers(20),
    settings: { batchSize: 2, maxDuration: 1 },
    job: { start },
    write: async (how, target) => {
      await new Promise(resolve => setTimeout(resolve, 5));
      return target.take(how);
    },
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.status, outcome.stopped], ['paused', '--max-duration']);
  assert.deepEqual(outcome.progress.ahead.at(-1)?.end, { at: 12 });
});

test('batches that were sent again have numbers of their own', async () => {
  const seen: number[] = [];
  const start = {
    position: { at: 2 },
    ahead: [{ after: 2, records: 2, end: { at: 6 } }],
    mark: {},
    counts: { ...noCounts, read: 4, written: 4 },
    batches: 3,
    rejects: 0,
  };
  const { job } = fakeJob({
    items: numbers(8),
    settings: concurrent,
    job: { start },
    write: (how, target) => {
      seen.push(how.number);
      return target.take(how);
    },
  });
  await run(job);
  assert.deepEqual(
    seen.filter(number => number <= 3),
    [],
  );
});

test('what the other side asks for is waited for', async () => {
  const delays: number[] = [];
  const controller = new AbortController();
  const { job } = fakeJob({
    items: numbers(2),
    settings: { retry: { retries: 1, delay: 0, maxDelay: 0 } },
    write: () => {
      throw gone(86_400_000);
    },
    job: {
      signal: controller.signal,
      report: event => {
        if (event.type !== 'retry') return;
        delays.push(event.delay);
        setImmediate(() => controller.abort('SIGINT'));
      },
    },
  });
  assert.equal((await run(job)).stopped, 'SIGINT');
  assert.deepEqual(delays, [86_400_000]);
});

test('whoever ends the process at once ends the attempts', async () => {
  const abandon = new AbortController();
  const { job } = fakeJob({
    items: numbers(2),
    write: ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(new TrancheError('io', `ended by ${signal.reason}`)));
        setImmediate(() => abandon.abort('SIGINT'));
      }),
    job: { abandon: abandon.signal },
  });
  assert.equal((await run(job)).error?.message, 'ended by SIGINT');
});

/** Turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve));
}

/** Answers what a source does, and then nothing more until it is stopped: a pipe that stays open. */
function neverEnding(source: Job['source']): Job['source'] {
  return {
    ...source,
    async *open(how) {
      yield* source.open(how);
      await new Promise(resolve => how.signal.addEventListener('abort', resolve));
    },
  };
}

test('a batch that fails ends the run, though its input says nothing for a while', async () => {
  const held = new Held();
  const { job: fake } = fakeJob({ items: numbers(4), settings: concurrent });
  const { job } = fakeJob({
    items: [],
    settings: concurrent,
    job: { source: neverEnding(fake.source) },
    write: held.write,
  });
  const running = run(job);
  await held.until(2);
  await turns(20);
  held.waiting[1]!.fail(new TrancheError('target_refused', 'no'));
  await turns(20);
  held.waiting[0]?.go();
  const outcome = await running;
  assert.deepEqual([outcome.status, outcome.error?.message], ['failed', 'no']);
});

test('a stop that ends waits hides no failure of the batches in flight', async () => {
  const held = new Held();
  const controller = new AbortController();
  const { job } = fakeJob({
    items: numbers(20),
    settings: { ...concurrent, pace: { rate: 0.01 } },
    write: held.write,
    job: { signal: controller.signal },
  });
  const running = run(job);
  await held.until(1);
  await turns(20);
  controller.abort('SIGINT');
  await turns(2);
  held.waiting[0]!.fail(new TrancheError('target_refused', 'no'));
  const outcome = await running;
  assert.deepEqual([outcome.status, outcome.error?.message], ['failed', 'no']);
});

test('the position stays where a batch begins while a keyed batch is done in part', async () => {
  const { job, target } = fakeJob({
    items: numbers(8),
    settings: { concurrency: 1, batchSize: 8, skip: 1 },
    write: (how, fake) => {
      const values = valuesOf(how.records);
      if (values.includes(7)) throw new TrancheError('target_refused', 'no');
      if (values.includes(3)) throw new TrancheError('target_refused', 'one of them', { kind: 'record' });
      return fake.take(how);
    },
  });
  Object.assign(target, { traits: { ...target.traits, keyedByBatch: true } });
  const { progress } = await run(job);
  assert.deepEqual(target.written, [1, 2]);
  assert.deepEqual([progress.position, progress.ahead], [null, [{ after: 0, records: 4, end: { at: 4 } }]]);
});
