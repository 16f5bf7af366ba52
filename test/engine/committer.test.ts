import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { noCounts } from '#tranche/core/checkpoint.js';
import { Committer, type Progress } from '#tranche/engine/committer.js';

const progress = (read: number): Progress => ({
  position: { read },
  ahead: [],
  mark: {},
  counts: { ...noCounts, read },
  batches: 0,
  rejects: 0,
});

/** A committer whose flushes last until they are let go. */
function held() {
  const flushed: number[] = [];
  const waiting: { resolve: () => void; reject: (error: Error) => void }[] = [];
  const committer = new Committer(progress(0), one => {
    flushed.push(one.counts.read);
    return new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }));
  });
  return { committer, flushed, waiting };
}

test('while one checkpoint is flushed the newest progress replaces what waited', async () => {
  const { committer, flushed, waiting } = held();
  for (let read = 1; read <= 5; read++) await committer.offer(progress(read));
  await turn();
  assert.deepEqual(flushed, [1]);
  assert.equal(committer.committed.counts.read, 0);
  waiting[0]!.resolve();
  await turn();
  assert.deepEqual(flushed, [1, 5]);
  assert.equal(committer.committed.counts.read, 1);
  const drained = committer.confirm();
  waiting[1]!.resolve();
  await drained;
  assert.equal(committer.committed.counts.read, 5);
});

test('who waits for a checkpoint waits for what was offered before, not for what others offer meanwhile', async () => {
  const { committer, waiting } = held();
  await committer.offer(progress(1));
  await turn();
  await committer.offer(progress(2));
  let confirmed = false;
  const confirming = committer.confirm().then(() => {
    confirmed = true;
  });
  waiting[0]!.resolve();
  await turn();
  await committer.offer(progress(3));
  assert.equal(confirmed, false);
  waiting[1]!.resolve();
  await confirming;
  assert.equal(committer.committed.counts.read, 2);
  waiting[2]!.resolve();
});

test('never two flushes at a time', async () => {
  let running = 0;
  let most = 0;
  const committer = new Committer(progress(0), async () => {
    most = Math.max(most, ++running);
    await turn();
    running--;
  });
  for (let read = 1; read <= 50; read++) {
    await committer.offer(progress(read));
    if (read % 7 === 0) await turn();
  }
  await committer.confirm();
  assert.equal(most, 1);
  assert.equal(committer.committed.counts.read, 50);
});

test('a run waits for a checkpoint that lags more than a second', async t => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { committer, waiting } = held();
  await committer.offer(progress(1));
  await committer.offer(progress(2));
  now = 999;
  await committer.offer(progress(3));
  now = 1001;
  let offered = false;
  const offering = committer.offer(progress(4)).then(() => {
    offered = true;
  });
  await turn();
  assert.equal(offered, false);
  waiting[0]!.resolve();
  await turn();
  waiting[1]!.resolve();
  await offering;
  assert.equal(committer.committed.counts.read, 4);
});

test('a flush that failed fails everything after it, and nothing is flushed any more', async () => {
  const { committer, flushed, waiting } = held();
  await committer.offer(progress(1));
  await committer.offer(progress(2));
  waiting[0]!.reject(new Error('disk'));
  await assert.rejects(committer.confirm(), /disk/);
  await assert.rejects(committer.offer(progress(3)), /disk/);
  await assert.rejects(committer.confirm(), /disk/);
  assert.deepEqual(flushed, [1]);
  assert.equal(committer.committed.counts.read, 0);
});

test('many fast batches are not a checkpoint each, and draining does not wait', async () => {
  const flushed: number[] = [];
  const committer = new Committer(progress(0), async one => void flushed.push(one.counts.read));
  for (let read = 1; read <= 500; read++) {
    await committer.offer(progress(read));
    await turn();
  }
  const began = performance.now();
  await committer.confirm();
  assert.equal(flushed.at(-1), 500);
  assert.ok(flushed.length < 400, `${flushed.length} checkpoints`);
  assert.ok(performance.now() - began < 500);
});

test('whoever waits has patience for others, until one of them has none', async () => {
  const { committer, flushed, waiting } = held();
  await committer.offer(progress(1));
  await committer.offer(progress(2));
  const patient = committer.confirm(1e9);
  waiting[0]!.resolve();
  await turn();
  assert.deepEqual(flushed, [1]);
  await committer.offer(progress(3));
  const impatient = committer.confirm();
  await turn();
  assert.deepEqual(flushed, [1, 3]);
  waiting[1]!.resolve();
  await Promise.all([patient, impatient]);
});
