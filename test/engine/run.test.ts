import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Checkpoint, Counts } from '#tranche/core/checkpoint.js';
import { TrancheError } from '#tranche/core/errors.js';
import type { Records } from '#tranche/core/records.js';
import type { Transform } from '#tranche/core/transform.js';
import { run } from '#tranche/engine/run.js';
import type { Transformer } from '#tranche/engine/transform.js';
import { fakeJob, type Item, valuesOf } from '../helpers/fake-job.js';

const numbers = (count: number): Item[] => Array.from({ length: count }, (_, i) => i);
const transient = () => new TrancheError('busy', 'busy', { kind: 'transient' });

test('target durable, then rejects, then the checkpoint, then the event', async () => {
  const { job, log } = fakeJob({ items: [0, 'bad', 2] });
  const outcome = await run(job);
  assert.equal(outcome.status, 'finished');
  assert.deepEqual(log.slice(0, 3), ['open', 'begun', 'save 0 running']);
  const order = ['sync target', 'sync rejects', 'save 3 running', 'event 3'];
  const at = order.map(step => log.indexOf(step));
  assert.ok(log.indexOf('write 2') < at[0]!);
  assert.deepEqual(
    at,
    [...at].sort((a, b) => a - b),
  );
  assert.deepEqual(log.slice(-4), ['sync rejects', 'close true', 'save 3 finished', 'journal finished']);
});

test('what is transient is tried again with nothing left behind; then given up', async () => {
  for (const failures of [2, 3]) {
    const { job, target, events, rejected, log } = fakeJob({
      items: [0, 1, 'bad', 3],
      write: (how, fake) => {
        if (how.attempt <= failures) throw transient();
        return fake.take(how);
      },
    });
    const outcome = await run(job);
    assert.equal(target.attempts, 3);
    const retries = events.filter(({ type }) => type === 'retry');
    assert.deepEqual(
      retries.map(event => event.type === 'retry' && [event.attempt, event.retries]),
      [
        [1, 2],
        [2, 2],
      ],
    );
    assert.equal(outcome.retries, 2);
    assert.equal(log.filter(line => line === 'journal retry').length, 2);
    if (failures === 2) {
      assert.deepEqual([outcome.status, target.written, rejected.length], ['finished', [0, 1, 3], 1]);
    } else {
      assert.equal(outcome.error?.code, 'retries_exhausted');
      assert.deepEqual([outcome.progress.counts.read, rejected.length], [0, 0]);
    }
  }
});

test('rejects of a failed attempt are taken back', async () => {
  let failed = false;
  const { job, rejected } = fakeJob({
    items: numbers(4),
    ledger: true,
    write: async (how, fake) => {
      const written = fake.take(how, [1]);
      await how.seal(written.refused);
      if (!failed) {
        failed = true;
        fake.written.length = 0;
        throw transient();
      }
      return written;
    },
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.progress.counts.rejected, rejected.length], [1, 1]);
  assert.equal(rejected[0]!.attempts, 2);
});

test('a stop while it waits for a retry leaves the batch for the next run', async () => {
  const controller = new AbortController();
  const { job, saved } = fakeJob({
    items: numbers(8),
    settings: { retry: { retries: 5, delay: 1e9, maxDelay: 1e9 } },
    write: (how, fake) => {
      if (how.batch.start['at'] === 4) {
        setImmediate(() => controller.abort('SIGTERM'));
        throw transient();
      }
      return fake.take(how);
    },
    job: { signal: controller.signal },
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.status, outcome.stopped, outcome.error], ['paused', 'SIGTERM', null]);
  assert.deepEqual(outcome.progress.position, { at: 4 });
  assert.equal(saved.at(-1)!.status, 'paused');
});

test('an attempt that takes too long is told to stop', async () => {
  const { job } = fakeJob({
    items: [0],
    settings: { timeout: 5, retry: { retries: 0, delay: 0, maxDelay: 0 } },
    write: ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
  });
  const outcome = await run(job);
  assert.equal(outcome.error?.code, 'retries_exhausted');
  assert.match(outcome.error!.message, /longer than 5 ms/);
});

test('an attempt that did a part of the batch has as many attempts for the rest as at first', async () => {
  let done = 0;
  let tries = 0;
  const { job } = fakeJob({
    items: [0, 1, 2, 3],
    settings: { retry: { retries: 2, delay: 0, maxDelay: 0 } },
    // Each record fails twice.
    write: (how, target) => {
      for (; done < 4; done++, how.progressed())
        if (++tries % 3 !== 0) throw new TrancheError('busy', 'busy', { kind: 'transient' });
      return target.take(how);
    },
  });
  const outcome = await run(job);
  assert.equal(outcome.error, null);
  assert.equal(outcome.retries, 8);
});

test('an attempt that goes on for longer than its time is not given up while parts of it get done', async () => {
  const { job } = fakeJob({
    items: [0],
    settings: { timeout: 200, retry: { retries: 0, delay: 0, maxDelay: 0 } },
    write: async (how, target) => {
      for (let part = 0; part < 5; part++, how.progressed()) {
        await new Promise(resolve => setTimeout(resolve, 80));
        how.signal.throwIfAborted();
      }
      return target.take(how);
    },
  });
  assert.equal((await run(job)).error, null);
});

test('refused records are found, by index or by halving: all others are written once', async () => {
  const bad = new Set([0, 5, 6, 13, 31]);
  for (const how of ['index', 'halving', 'list', 'named', 'some named'] as const) {
    const { job, target, rejected, saved } = fakeJob({
      items: numbers(32).map(item => (item === 9 ? 'bad' : item)),
      settings: { batchSize: 16 },
      write: (batch, fake) => {
        const found = valuesOf(batch.records).flatMap((value, index) =>
          bad.has(value as number) ? [index] : [],
        );
        if (how === 'list') return fake.take(batch, found);
        if (found.length === 0) return fake.take(batch);
        const index = how === 'index' ? { index: found[0]! } : {};
        const named = how === 'some named' ? found.slice(0, 2) : how === 'named' ? found : [];
        const refusals = named.map(index => ({ index, reason: 'refused', message: 'no' }) as const);
        throw new TrancheError('target_refused', 'refused', { kind: 'record', ...index, refusals });
      },
    });
    const outcome = await run(job);
    assert.equal(outcome.status, 'finished', how);
    assert.deepEqual(
      target.written,
      numbers(32).filter(item => !bad.has(item as number) && item !== 9),
    );
    assert.deepEqual(
      rejected.map(({ at, raw }) => [at.record, raw.toString()]),
      [
        [1, '0'],
        [6, '5'],
        [7, '6'],
        [10, 'bad'],
        [14, '13'],
        [32, '31'],
      ],
    );
    const { read, written, rejected: count } = outcome.progress.counts;
    assert.deepEqual([read, written, count], [32, 26, 6]);
    for (const checkpoint of saved) checkConsistent(checkpoint as never);
  }
});

test('a refusal where there is no record ends the run', async () => {
  const { job } = fakeJob({
    items: ['bad'],
    write: () => {
      throw new TrancheError('target_refused', 'refused', { kind: 'record' });
    },
  });
  assert.equal((await run(job)).error?.code, 'target_refused');
});

test('an index that is none makes no harm', async () => {
  const wrong = { index: 77, reason: 'refused', message: 'no' } as const;
  for (const named of [{ index: 77 }, { refusals: [wrong] }]) {
    const { job, target } = fakeJob({
      items: numbers(4),
      write: (how, fake) => {
        if (valuesOf(how.records).includes(2))
          throw new TrancheError('target_refused', 'refused', { kind: 'record', ...named });
        return fake.take(how);
      },
    });
    assert.equal((await run(job)).progress.counts.rejected, 1);
    assert.deepEqual(target.written, [0, 1, 3]);
  }
});

test('a batch keeps its number while it is tried again, and a target learns where its records stand', async () => {
  const seen: unknown[] = [];
  const { job } = fakeJob({
    items: [1, 'bad', 2, 3, 4],
    settings: { batchSize: 3 },
    write: (how, fake) => {
      seen.push([how.number, how.attempt, how.locate(how.records.count - 1).record]);
      if (how.attempt === 1) throw new TrancheError('io', 'later', { kind: 'transient' });
      return fake.take(how);
    },
  });
  const outcome = await run(job);
  assert.deepEqual(seen, [
    [1, 1, 3],
    [1, 2, 3],
    [2, 1, 5],
    [2, 2, 5],
  ]);
  assert.equal(outcome.progress.batches, 2);
});

test('the ledger is sealed with what the checkpoint will say', async () => {
  const sealed: { counts: Counts; rejects: number }[] = [];
  const { job, saved, target } = fakeJob({
    items: [0, 1, 'bad', 3, 4, 5],
    ledger: true,
    write: async (how, fake) => {
      const written = fake.take(how, valuesOf(how.records).includes(5) ? [1] : []);
      sealed.push(JSON.parse(await how.seal(written.refused)));
      return written;
    },
  });
  await run(job);
  const numbersOf = ({ counts, rejects }: { counts: Counts; rejects: unknown }) => [
    counts.read,
    counts.written,
    counts.rejected,
    rejects,
  ];
  assert.deepEqual(sealed.map(numbersOf), [
    [4, 3, 1, 1],
    [6, 4, 2, 2],
  ]);
  assert.deepEqual(numbersOf(saved.at(-1) as never), [6, 4, 2, 2]);
  assert.equal(JSON.parse(target.sealed.at(-1)!).status, 'finished');
});

test('--max-errors counts to the record; a percentage from 1,000 records on; 100% never stops', async () => {
  const items: Item[] = numbers(3000).map(item => ((item as number) % 10 === 9 ? 'bad' : item));
  const readWith = async (maxErrors: { count: number } | { percent: number }, batchSize = 16) => {
    const { job, rejected } = fakeJob({ items, settings: { maxErrors, batchSize } });
    const { status, error, progress } = await run(job);
    assert.equal(error?.code, status === 'failed' ? 'too_many_rejects' : undefined);
    assert.equal(rejected.length, progress.counts.rejected);
    return [status, progress.counts.read, progress.counts.rejected, progress.position?.['at']];
  };
  for (const size of [16, 1, 3000]) {
    assert.deepEqual(await readWith({ count: 0 }, size), ['failed', 10, 1, 10]);
    assert.deepEqual(await readWith({ count: 2 }, size), ['failed', 30, 3, 30]);
    assert.deepEqual(await readWith({ count: 300 }, size), ['finished', 3000, 300, 3000]);
  }
  assert.deepEqual(await readWith({ percent: 9 }, 10), ['failed', 1000, 100, 1000]);
  assert.deepEqual(await readWith({ percent: 9 }, 3000), ['failed', 3000, 300, 3000]);
  assert.deepEqual(await readWith({ percent: 10 }), ['finished', 3000, 300, 3000]);
  assert.deepEqual(await readWith({ percent: 100 }), ['finished', 3000, 300, 3000]);
});

test('--max-errors counts refused records to the record too, where the target can take a batch back', async () => {
  for (const ledger of [false, true]) {
    for (const batchSize of [3000, 16, 1]) {
      const { job, target, rejected } = fakeJob({
        // 5, 105, … cannot be read; 9, 19, … are refused.
        items: numbers(3000).map(item => ((item as number) % 100 === 5 ? 'bad' : item)),
        ledger,
        settings: { maxErrors: { count: 2 }, batchSize },
        write: async (how, fake) => {
          const values = valuesOf(how.records) as number[];
          const refused = [...values.keys()].filter(index => values[index]! % 10 === 9);
          const refusals = refused.map(index => ({ index, reason: 'constraint', message: '' }) as const);
          if (ledger) await how.seal(refusals);
          else how.demandWhole(refusals);
          return fake.take(how, refused);
        },
      });
      const { error, progress } = await run(job);
      assert.equal(error?.code, 'too_many_rejects');
      const { read, written, rejected: bad } = progress.counts;
      assert.deepEqual([read, written, bad, progress.position], [20, 17, 3, { at: 20 }]);
      assert.deepEqual(
        rejected.map(({ at }) => at.offset).sort((one, other) => one - other),
        [5, 9, 19],
      );
      assert.equal(target.written.length, 17);
    }
  }
});

test('too few records for a percentage are judged at the end', async () => {
  const { job, target, log } = fakeJob({ items: [0, 'bad'], settings: { maxErrors: { percent: 10 } } });
  const outcome = await run(job);
  assert.equal(outcome.error?.code, 'too_many_rejects');
  assert.deepEqual(target.written, [0]);
  assert.ok(!log.includes('close true'));
});

test('skip and limit cut inside batches and over several runs', async () => {
  const items: Item[] = [0, 1, 'bad', 3, 4, 'bad', 6, 7, 8, 9, 10, 11];
  const { job, target } = fakeJob({ items, settings: { skip: 3, limit: 4, batchSize: 5 } });
  const first = await run(job);
  assert.deepEqual(target.written, [3, 4, 6]);
  assert.deepEqual([first.progress.position, first.status], [{ at: 7 }, 'finished']);
  const { read, written, rejected, skipped } = first.progress.counts;
  assert.deepEqual([read, written, rejected, skipped], [7, 3, 1, 3]);
  const next = fakeJob({
    items,
    settings: { skip: 3, limit: 6, batchSize: 5 },
    job: { start: first.progress, finished: true },
  });
  const second = await run(next.job);
  assert.deepEqual(next.target.written, [7, 8]);
  assert.deepEqual(second.progress.position, { at: 9 });
  assert.equal(second.progress.counts.skipped, 3);
});

test('a target that loses records is found out', async () => {
  const { job, log } = fakeJob({
    items: numbers(8),
    write: how => ({ mark: {}, count: how.records.count - 1, refused: [] }),
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.status, outcome.error?.code], ['failed', 'imbalance']);
  assert.ok(!log.includes('close true'));
});

test('--max-batches, --max-duration, a signal: paused at the end of a batch', async () => {
  const batches = await run(fakeJob({ items: numbers(20), settings: { maxBatches: 2 } }).job);
  assert.deepEqual(
    [batches.status, batches.stopped, batches.progress.counts.read],
    ['paused', '--max-batches', 8],
  );

  const slow = fakeJob({
    items: numbers(20),
    settings: { maxDuration: 1 },
    write: async (how, fake) => {
      await new Promise(resolve => setTimeout(resolve, 20));
      return fake.take(how);
    },
  });
  const duration = await run(slow.job);
  assert.deepEqual([duration.stopped, duration.progress.counts.read], ['--max-duration', 4]);

  const controller = new AbortController();
  const signalled = fakeJob({
    items: numbers(20),
    job: { signal: controller.signal },
    write: (how, fake) => {
      controller.abort(new Error('a reason of somebody else'));
      return fake.take(how);
    },
  });
  const outcome = await run(signalled.job);
  assert.deepEqual([outcome.stopped, outcome.progress.counts.read], ['aborted', 4]);
  assert.equal(signalled.saved.at(-1)!.because, 'aborted');
});

test('a flush that fails ends the run at the newest checkpoint', async () => {
  const { job, target, saved } = fakeJob({ items: numbers(40) });
  let syncs = 0;
  target.sync = async () => {
    if (++syncs > 2) throw new TrancheError('io', 'cannot fsync');
  };
  const outcome = await run(job);
  assert.deepEqual([outcome.status, outcome.error?.message], ['failed', 'cannot fsync']);
  const last = saved.at(-1) as unknown as { status: string; position: { at: number } };
  assert.equal(last.status, 'failed');
  assert.deepEqual(outcome.progress.position, last.position);
  assert.ok(last.position.at < 40);
});

test('nothing is saved before the target is open', async () => {
  const { job, target, saved } = fakeJob({ items: numbers(4) });
  target.open = async () => {
    throw new TrancheError('target_exists', 'there');
  };
  assert.equal((await run(job)).error?.code, 'target_exists');
  assert.deepEqual(saved, []);
});

const transforms: Readonly<Record<string, Transform>> = {
  filter: ({ n }) => (Number(n) % 2 === 0 ? { n } : null),
  expand: ({ n }) => Array.from({ length: Number(n) % 4 }, (_, i) => ({ n, i })),
  throw: ({ n }) => {
    if (Number(n) % 3 === 0) throw new Error(`no ${n}`);
    return { n };
  },
  async: async ({ n }) => {
    if (n === 4) throw new Error('later');
    return n === 5 ? undefined : { n };
  },
  wrong: ({ n }) =>
    n === 1 ? (7 as never) : n === 2 ? ([null] as never) : n === 3 ? ([[n]] as never) : { n },
};

test('transforms filter, expand, throw and answer late; every record is accounted for', async () => {
  const results = {
    filter: { written: [0, 2, 4, 6, 8], counts: [11, 5, 1, 5] },
    expand: { written: [1, 2, 2, 3, 3, 3, 5, 6, 6, 7, 7, 7, 9], counts: [11, 7, 1, 3] },
    throw: { written: [1, 2, 4, 5, 7, 8], counts: [11, 6, 5, 0] },
    async: { written: [0, 1, 2, 3, 6, 7, 8, 9], counts: [11, 8, 2, 1] },
    wrong: { written: [0, 4, 5, 6, 7, 8, 9], counts: [11, 7, 4, 0] },
  };
  for (const [name, { written, counts }] of Object.entries(results)) {
    for (const batchSize of [1, 4, 100]) {
      const { job, target, rejected } = fakeJob({
        items: [...numbers(10), 'bad'],
        settings: { batchSize },
        job: { transformer: transformer(transforms[name]!) },
      });
      const outcome = await run(job);
      const { read, written: count, rejected: bad, filtered } = outcome.progress.counts;
      assert.deepEqual([read, count, bad, filtered], counts, name);
      assert.deepEqual(
        target.written.map(record => (record as { n: number }).n),
        written,
      );
      assert.equal(rejected.length, bad);
      if (name === 'throw') assert.match(rejected[0]!.message, /^Error: no 0 \(at .*run\.test/);
      if (name === 'wrong') {
        assert.match(rejected[0]!.message, /answered a number instead of a record/);
        assert.match(rejected[2]!.message, /answered an array in an array instead of a record/);
      }
    }
  }
});

test('a refused record among those that a transform made rejects the record it came from', async () => {
  for (const named of [true, false]) {
    const { job, target, rejected } = fakeJob({
      items: numbers(8),
      settings: { batchSize: 8 },
      job: { transformer: transformer(transforms['expand']!) },
      write: (how, fake) => {
        const index = valuesOf(how.records).findIndex(one => (one as { n: number; i: number }).n === 6);
        if (index < 0) return fake.take(how);
        throw new TrancheError('target_refused', 'no six', { kind: 'record', ...(named ? { index } : {}) });
      },
    });
    const outcome = await run(job);
    const { read, written, rejected: bad, filtered } = outcome.progress.counts;
    assert.deepEqual([read, written, bad, filtered], [8, 5, 1, 2]);
    assert.deepEqual(
      target.written.map(record => (record as { n: number }).n),
      [1, 2, 2, 3, 3, 3, 5, 7, 7, 7],
    );
    assert.deepEqual(
      rejected.map(({ at }) => at.record),
      [7],
    );
  }
});

test('a transform that fails too often stops behind the record that is one too many', async () => {
  for (const batchSize of [2, 100]) {
    const { job, target } = fakeJob({
      items: numbers(10),
      settings: { batchSize, maxErrors: { count: 1 } },
      job: { transformer: transformer(transforms['throw']!) },
    });
    const outcome = await run(job);
    assert.equal(outcome.error?.code, 'too_many_rejects');
    assert.deepEqual([outcome.progress.position, outcome.progress.counts.read], [{ at: 4 }, 4]);
    assert.equal(target.written.length, 2);
  }
});

test('malformed records behind a failure of the transform do not end the job before its input', async () => {
  // Cannot be read: 5, 15 and 90; the transform throws at 12.
  const items = numbers(100).map(item => ([5, 15, 90].includes(item as number) ? 'bad' : item));
  const thrower = transformer(record => {
    if (Number(record['n']) === 12) throw new Error('no');
    return record;
  });
  for (const batchSize of [100, 7]) {
    for (const [count, last] of [5, 12, 15, 90].entries()) {
      const { job } = fakeJob({
        items,
        settings: { batchSize, maxErrors: { count } },
        job: { transformer: thrower },
      });
      const { status, progress } = await run(job);
      assert.equal(status, 'failed');
      assert.ok(progress.counts.rejected > count && progress.counts.read > last);
    }
    const { job } = fakeJob({
      items,
      settings: { batchSize, maxErrors: { count: 4 } },
      job: { transformer: thrower },
    });
    const { status, progress } = await run(job);
    assert.deepEqual([status, progress.counts.read, progress.counts.rejected], ['finished', 100, 4]);
  }
});

test('columns that only the transform knows are learnt before the target is opened', async () => {
  const { job, saved, log } = fakeJob({
    items: numbers(10),
    settings: { batchSize: 2 },
    job: {
      output: null,
      transformer: transformer(({ n }) => (Number(n) < 5 ? null : { n, text: `${n}`, half: Number(n) / 2 })),
    },
  });
  await run(job);
  const { output } = saved.at(-1)!;
  assert.deepEqual(
    output?.map(({ name, type }) => [name, type]),
    [
      ['n', 'integer'],
      ['text', 'text'],
      ['half', 'real'],
    ],
  );
  assert.equal(log.filter(line => line === 'open').length, 1);
});

test('stopped before columns were learnt: nothing is opened, and nothing saved', async () => {
  const { job, log, saved } = fakeJob({
    items: numbers(10),
    job: { output: null, transformer: transformer(() => null), signal: AbortSignal.abort('SIGINT') },
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.status, outcome.stopped], ['paused', 'SIGINT']);
  assert.deepEqual(saved, []);
  assert.ok(!log.includes('open'));
});

test('a stop while a transform is at work: its batch is written, and no other is begun', async () => {
  const controller = new AbortController();
  let calls = 0;
  const { job } = fakeJob({
    items: numbers(20),
    job: {
      signal: controller.signal,
      transformer: transformer(async record => {
        if (++calls === 2) controller.abort('SIGINT');
        return record;
      }, controller.signal),
    },
  });
  const outcome = await run(job);
  assert.deepEqual([outcome.stopped, outcome.progress.counts.written, calls], ['SIGINT', 4, 4]);
});

test('what a transform breaks off because of a stop is no reject: the next run does the batch', async () => {
  const controller = new AbortController();
  let calls = 0;
  const { job } = fakeJob({
    items: numbers(20),
    job: {
      signal: controller.signal,
      transformer: transformer(async (record, { signal }) => {
        if (++calls === 6) controller.abort(new Error('a reason of somebody else'));
        signal.throwIfAborted();
        return record;
      }, controller.signal),
    },
  });
  const outcome = await run(job);
  assert.deepEqual(
    [outcome.status, outcome.progress.counts.read, outcome.progress.counts.rejected],
    ['paused', 4, 0],
  );
});

function transformer(transform: Transform, signal: AbortSignal = new AbortController().signal): Transformer {
  const decode = (records: Records, index: number) => ({ n: valuesOf(records)[index] });
  const misfits = () => [];
  return { job: 'job', transform, decode, misfits, timeout: 60_000, signal, abandon: null };
}

/** read = written + rejected + filtered + skipped, and as many rejects as were counted. */
function checkConsistent({ counts, rejects }: Checkpoint & { rejects: unknown }): void {
  const { read, written, rejected, filtered, skipped } = counts;
  assert.equal(read, written + rejected + filtered + skipped);
  assert.equal(rejects as unknown as number, rejected);
}
