import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import type { Refusal, Target, WriteBatch } from '#tranche/core/target.js';
import { type BatchFunction, type BatchTarget, RejectRecords } from '#tranche/index.js';
import { createTarget } from '#tranche/targets/index.js';
import { csvRecords } from '../../helpers/csv-records.js';
import { moduleIn } from '../../helpers/modules.js';
import { columnsOf, opening, writing } from '../../helpers/target-calls.js';
import { temporaryDirectory } from '../../helpers/temporary.js';
import { Sink } from '../../helpers/workplace.js';

const directory = await temporaryDirectory();
const columns = columnsOf('id');
const records = csvRecords([['1'], ['2'], ['3']]);
let modules = 0;

/** A module whose ledger is in memory. */
class Kept {
  readonly entries = new Map<string, string>();
  readonly #write: BatchFunction;

  constructor(write: BatchFunction) {
    this.#write = write;
  }

  async target(checkpoints = true): Promise<Target> {
    const key = `tranche-test-ledger-${modules++}`;
    const exported: BatchTarget = {
      write: this.#write,
      ledger: {
        recall: job => this.entries.get(job),
        record: (job, entry) => void this.entries.set(job, entry),
      },
    };
    Object.assign(globalThis, { [key]: exported });
    const path = await moduleIn(directory, `export default globalThis['${key}'];`, `${key}.mjs`);
    const context = { options: {}, stdout: new Sink(), sourceFormat: 'csv', reshaped: false } as const;
    const target = await createTarget(path, { ...context, timeout: 1000, report: () => undefined });
    await target.open(opening(columns, { ledger: 'the beginning', checkpoints }));
    return target;
  }
}

function sealing(
  changes: Partial<WriteBatch> = {},
): WriteBatch & { readonly sealed: (readonly Refusal[])[] } {
  const sealed: (readonly Refusal[])[] = [];
  const seal = async (refused: readonly Refusal[]) => `entry ${sealed.push(refused)}`;
  return { ...writing(records, { seal, ...changes }), sealed };
}

test('a module with a ledger is exactly once, and one batch at a time', async () => {
  const { traits, ledger } = await new Kept(() => undefined).target();
  assert.deepEqual([traits.guarantee, traits.concurrency], ['exactly once', undefined]);
  assert.ok(ledger);
});

test('a job that begins from the beginning is in the ledger before its first batch', async () => {
  const kept = new Kept(() => undefined);
  const target = await kept.target();
  assert.equal(await target.ledger?.recall('nightly'), 'the beginning');
  await target.ledger?.record('the end');
  assert.equal(kept.entries.get('nightly'), 'the end');
});

test('a ledger and --no-checkpoint contradict each other', async () => {
  await assert.rejects(new Kept(() => undefined).target(false), { code: 'usage' });
});

test('the entry is made of the records that were refused', async () => {
  const target = await new Kept(async (_, context) => {
    assert.equal(await context.entry([{ index: 1, message: 'no' }]), 'entry 1');
  }).target();
  const how = sealing();
  const written = await target.write(how);
  assert.equal(written.count, 2);
  assert.deepEqual(how.sealed, [written.refused]);
  assert.deepEqual(written.refused, [{ index: 1, reason: 'refused', message: 'no' }]);
});

test('a batch without an entry, or with two, stops the run', async () => {
  const none = await new Kept(() => undefined).target();
  await assert.rejects(none.write(sealing()), { kind: 'fatal', message: /without asking for its entry/ });
  const two = await new Kept(async (_, context) => {
    await context.entry();
    await context.entry();
  }).target();
  await assert.rejects(two.write(sealing()), { message: /twice/ });
  const answered = await new Kept(async (_, context) => {
    await context.entry();
    return new RejectRecords([{ index: 0, message: 'no' }]);
  }).target();
  await assert.rejects(answered.write(sealing()), { kind: 'fatal', hint: /tell context\.entry/ });
});

test('a commit whose answer was lost is looked up, and not made again', async () => {
  for (const committed of [true, false]) {
    let calls = 0;
    const kept: Kept = new Kept(async (_, context) => {
      calls++;
      const entry = await context.entry();
      if (committed || calls > 1) kept.entries.set(context.job, entry);
      if (calls === 1) throw new Error('connection lost');
    });
    const target = await kept.target();
    await assert.rejects(target.write(sealing()), { kind: 'transient', message: /connection lost/ });
    const again = sealing({ attempt: 2 });
    assert.equal((await target.write(again)).count, 3);
    assert.equal(calls, committed ? 1 : 2);
    assert.equal(again.sealed.length, committed ? 0 : 1);
  }
});

test('a timeout stops the run once the entry was given out: the batch may be committed yet', async () => {
  const controller = new AbortController();
  const target = await new Kept(async (_, context) => {
    await context.entry();
    controller.abort(new TrancheError('timeout', 'too long', { kind: 'transient' }));
    await new Promise(() => {});
  }).target();
  await assert.rejects(target.write(sealing({ signal: controller.signal })), {
    kind: 'fatal',
    code: 'timeout',
    message: /committed it is not known/,
  });
});

test('no entry is given out when the attempt is over', async () => {
  const controller = new AbortController();
  let entry: Promise<string> | undefined;
  const target = await new Kept(async (_, context) => {
    controller.abort(new TrancheError('timeout', 'too long', { kind: 'transient' }));
    await new Promise(setImmediate);
    entry = context.entry();
    await entry;
  }).target();
  const how = sealing({ signal: controller.signal });
  await assert.rejects(target.write(how), { kind: 'transient', code: 'timeout' });
  while (!entry) await new Promise(setImmediate);
  await assert.rejects(entry, /is over/);
  assert.deepEqual(how.sealed, []);
});

test('what keeps an entry from being made stops the run, whatever the module makes of it', async () => {
  const target = await new Kept(async (_, context) => {
    await context.entry().catch(() => {
      throw new Error('hidden');
    });
  }).target();
  const seal = () => Promise.reject(new TrancheError('io', 'disk full'));
  await assert.rejects(target.write(writing(records, { seal })), { code: 'io', message: 'disk full' });
});

test('a plain module is given no entry', async () => {
  const path = await moduleIn(directory, 'export default (_, context) => context.entry();', 'plain.mjs');
  const context = { options: {}, stdout: new Sink(), sourceFormat: 'csv', reshaped: false } as const;
  const target = await createTarget(path, { ...context, timeout: 1000, report: () => undefined });
  await target.open(opening(columns));
  await assert.rejects(target.write(writing(records)), { kind: 'fatal', message: /exports no ledger/ });
});
