import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import type { Event } from '#tranche/core/events.js';
import type { RecordObject } from '#tranche/core/records.js';
import type { Target, WriteBatch } from '#tranche/core/target.js';
import { type BatchContext, type BatchTarget, RejectRecords, RetryLater } from '#tranche/index.js';
import { createTarget } from '#tranche/targets/index.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { moduleIn } from '../../helpers/modules.js';
import { columnsOf, objectRecords, opening, writing } from '../../helpers/target-calls.js';
import { temporaryDirectory } from '../../helpers/temporary.js';
import { Sink } from '../../helpers/workplace.js';

const directory = await temporaryDirectory();
const columns = columnsOf('id:integer!', 'name');
const records = csvRecords([
  ['1', 'one'],
  ['x', 'no number'],
  ['3', 'three'],
  ['9007199254740993', null],
]);
let modules = 0;

/** A target whose module is `exported`: handed over by a global, for modules have no other way to a test. */
async function targetOf(
  exported: BatchTarget | BatchTarget['write'],
  events: Event[] = [],
  timeout = 60_000,
): Promise<Target> {
  const key = `tranche-test-${modules++}`;
  Object.assign(globalThis, { [key]: exported });
  const path = await moduleIn(directory, `export default globalThis['${key}'];`, `${key}.mjs`);
  const report = (event: Event) => void events.push(event);
  const context = {
    options: {},
    stdout: new Sink(),
    sourceFormat: 'csv',
    reshaped: false,
    timeout,
    report,
  } as const;
  return await createTarget(path, context);
}

async function opened(...how: Parameters<typeof targetOf>): Promise<Target> {
  const target = await targetOf(...how);
  await target.open(opening(columns));
  return target;
}

/** What the engine sees of a write that fails. */
async function failure(target: Target, how: WriteBatch = writing(records)): Promise<TrancheError> {
  const error = await target.write(how).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof TrancheError, String(error));
  return error;
}

test('a function gets plain objects of its own, as a transform does, and what is to be known of the batch', async () => {
  const calls: [RecordObject[], BatchContext][] = [];
  const events: Event[] = [];
  const target = await opened((rows, context) => {
    calls.push([rows, context]);
    assert.deepEqual(rows, [
      { id: 1, name: 'one' },
      { id: 3, name: 'three' },
      { id: 9007199254740993n, name: null },
    ]);
    assert.equal(Object.getPrototypeOf(rows[0]), Object.prototype);
    const { job, batch, attempt, start, end, idempotencyKey } = context;
    assert.deepEqual([job, batch, attempt, start.record, end.record], ['nightly', 7, 2, 1, 4]);
    assert.match(idempotencyKey, /^[0-9a-f]{64}$/);
    context.log.info('so far so good');
    context.log.warn('careful');
  }, events);
  const written = await target.write(writing(records, { number: 7, attempt: 2 }));
  assert.equal(written.count, 3);
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [[1, 'type']],
  );
  assert.deepEqual(events, [
    { type: 'log', message: 'so far so good' },
    { type: 'warning', message: 'careful' },
  ]);
  assert.throws(() => calls[0]![1].start, /is over/);
});

test('the key depends on job, place and records, and not on the attempt or what the function does to them', async () => {
  const keys: string[] = [];
  const target = await opened((rows, context) => {
    for (const row of rows) row['id'] = null;
    keys.push(context.idempotencyKey);
  });
  const made = objectRecords({ id: 1n, at: Number.NaN }, { id: 2n });
  for (const one of [records, made]) {
    for (const attempt of [1, 2]) await target.write(writing(one, { attempt }));
  }
  await target.open(opening(columns, { jobId: 'second' }));
  await target.write(writing(records));
  assert.equal(keys[0], keys[1]);
  assert.equal(keys[2], keys[3]);
  assert.equal(new Set(keys).size, 3);
  assert.deepEqual(made.form === 'objects' && made.objects[0], { id: 1n, at: Number.NaN });
});

test('records that are refused by an answer are told by their place in the batch; all others were accepted', async () => {
  const target = await opened(
    () =>
      new RejectRecords([
        { index: 2, message: 'too big' },
        { index: 0, message: 'too small' },
        { index: 0, message: 'again' },
      ]),
  );
  const { count, refused } = await target.write(writing(records));
  assert.equal(count, 1);
  assert.deepEqual(
    refused.map(({ index, reason, message }) => [index, reason, message]),
    [
      [0, 'refused', 'too small'],
      [1, 'type', 'id: "x" is no integer'],
      [3, 'refused', 'too big'],
    ],
  );
});

test('records that are refused by a throw are at fault, and nothing was accepted', async () => {
  const target = await opened(() => {
    throw new RejectRecords([{ index: 1, message: 'no' }]);
  });
  const error = await failure(target);
  assert.equal(error.kind, 'record');
  assert.deepEqual(
    error.refusals?.map(({ index }) => index),
    [1, 2],
  );
});

test('the classes of another copy of the package are known by their names', async () => {
  class RejectRecords extends Error {
    override readonly name = 'RejectRecords';
    readonly records = [{ index: 0, message: 'no' }];
  }
  const target = await opened(() => new RejectRecords());
  assert.equal((await target.write(writing(records))).count, 2);
  const later = await opened(() => Promise.reject({ name: 'RetryLater', after: 5000, message: 'busy' }));
  const error = await failure(later);
  assert.deepEqual([error.kind, error.code, error.retryAfter], ['transient', 'busy', 5000]);
  assert.match(error.message, /asked for a pause: busy/);
});

test('RetryLater is the same thrown and returned', async () => {
  for (const write of [
    () => new RetryLater(300),
    async () => {
      throw new RetryLater(300);
    },
  ]) {
    const { kind, retryAfter } = await failure(await opened(write));
    assert.deepEqual([kind, retryAfter], ['transient', 300]);
  }
  assert.equal((await failure(await opened(() => new RetryLater()))).retryAfter, undefined);
});

test('whatever is thrown is tried again, and told with the line where it was', async () => {
  const thrown: [() => unknown, RegExp][] = [
    [() => assert.fail('boom'), /threw AssertionError: boom \(at .*module-target\.test\.js:\d+/],
    [
      () => {
        throw 'a string';
      },
      /threw a string$/,
    ],
    [() => Promise.reject(), /threw undefined$/],
    [
      () => {
        throw { code: 42 };
      },
      /threw \{"code":42\}$/,
    ],
    [
      () => {
        throw Object.create(null);
      },
      /threw \{\}$/,
    ],
  ];
  for (const [write, message] of thrown) {
    const error = await failure(await opened(write));
    assert.equal(error.kind, 'transient');
    assert.match(error.message, message);
  }
});

test('an error of the package keeps its kind: a module can stop the run', async () => {
  const stop = new TrancheError('target_refused', 'no such index', { hint: 'create it' });
  const target = await opened(() => {
    throw stop;
  });
  assert.equal(await failure(target), stop);
});

test('answers that cannot be right stop the run', async () => {
  for (const [answer, message] of [
    [new RejectRecords([{ index: 3, message: '' }]), /index 3, of 3 records/],
    [new RejectRecords([{ index: 0.5, message: '' }]), /index 0\.5/],
    [new RejectRecords([undefined as never]), /index undefined/],
    [[{ index: 1, message: 'no' }], /an array that looks like refused records/],
  ] as const) {
    const error = await failure(await opened(() => answer));
    assert.deepEqual([error.kind, error.code], ['fatal', 'target_refused']);
    assert.match(error.message, message);
  }
  const empty = await opened(() => {
    throw new RejectRecords([]);
  });
  assert.match((await failure(empty)).message, /RejectRecords without a record/);
});

test('other answers mean nothing: many functions answer something', async () => {
  for (const answer of [null, 0, false, 'done', [1, 2], [], { index: 1 }, { insertedCount: 3 }]) {
    assert.equal((await (await opened(() => answer)).write(writing(records))).count, 3);
  }
});

test('a function that never settles is given up when its signal is aborted; what it does later nobody hears', async () => {
  const controller = new AbortController();
  let late: ((error: Error) => void) | undefined;
  const target = await opened((_, { signal }) => {
    assert.equal(signal, controller.signal);
    return new Promise((_resolve, reject) => {
      late = reject;
    });
  });
  const failed = failure(target, writing(records, { signal: controller.signal }));
  const timeout = new TrancheError('timeout', 'too long', { kind: 'transient' });
  while (!late) await new Promise(setImmediate);
  controller.abort(timeout);
  assert.equal(await failed, timeout);
  late(new Error('nobody hears this'));
  await new Promise(setImmediate);
});

test('open is told of columns and whether the job goes on; close once, if open came to its end', async () => {
  const calls: unknown[] = [];
  const target = await targetOf({
    open: ({ resumed, columns: told, concurrency }) => void calls.push([resumed, told, concurrency]),
    write: () => undefined,
    close: complete => void calls.push(complete),
  });
  await target.close(false);
  await target.open(opening(columns, { concurrency: 4 }));
  await target.close(true);
  await target.close(true);
  await target.open(opening(columns, { mark: {} }));
  await target.close(false);
  const told = [
    { name: 'id', type: 'integer' },
    { name: 'name', type: 'text' },
  ];
  assert.deepEqual(calls, [[false, told, 4], true, [true, told, 1], false]);
  const broken = await targetOf({
    open: () => assert.fail('no server'),
    write: () => undefined,
    close: () => assert.fail('was not open'),
  });
  await assert.rejects(broken.open(opening(columns)), /open of .* threw AssertionError: no server/);
  await broken.close(false);
});

test('an open or close that never settles is given up after the timeout', async () => {
  const never = () => new Promise<void>(() => {});
  const target = await targetOf({ open: never, write: never }, [], 20);
  await assert.rejects(target.open(opening(columns)), { code: 'timeout', message: /^open of .* 20 ms$/ });
  const closing = await opened({ write: never, close: never }, [], 20);
  await assert.rejects(closing.close(true), { code: 'timeout', message: /^close of / });
});

test('what a module says of itself is what the target says', async () => {
  const plain = (await targetOf(() => undefined)).traits;
  assert.deepEqual(
    [plain.guarantee, plain.batchSize, plain.concurrency, plain.fixedColumns],
    ['at least once', 1000, Number.POSITIVE_INFINITY, false],
  );
  const own = (await targetOf({ write: () => 0, batchSize: 50, concurrency: 3, guarantee: 'exactly once' }))
    .traits;
  assert.deepEqual(
    [own.guarantee, own.because, own.batchSize, own.concurrency],
    ['exactly once', 'the module says so', 50, 3],
  );
});

test('write is called with its object, which may be of a class', async () => {
  class Loader {
    readonly rows: RecordObject[] = [];
    write(rows: RecordObject[]): void {
      this.rows.push(...rows);
    }
  }
  const loader = new Loader();
  await (await opened(loader)).write(writing(records));
  assert.equal(loader.rows.length, 3);
});
