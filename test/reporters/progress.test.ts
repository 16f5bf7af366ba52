import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { Progress } from '#tranche/reporters/progress.js';
import { counts, ended, progressed, started } from '../helpers/events.js';

test('the percentage begins where the job is, speed and ETA are of this run', () => {
  const progress = new Progress();
  progress.apply(started({ resumed: true, counts: counts(500) }), 1000);
  assert.equal(progress.share, 0.5);
  assert.equal(progress.rate(1000), null);
  progress.apply(progressed(600), 2000);
  assert.equal(progress.share, 0.6);
  assert.equal(progress.rate(2000), 100);
  assert.equal(progress.remaining(2000), 4000);
});

test('the speed is that of the last seconds', () => {
  const progress = new Progress();
  progress.apply(started(), 0);
  for (let second = 1; second <= 10; second++) progress.apply(progressed(second * 10), second * 1000);
  for (let second = 11; second <= 20; second++) {
    progress.apply(progressed(100 + (second - 10) * 50), second * 1000);
  }
  assert.equal(progress.rate(20_000), 50);
});

test('a run that stands still has no speed to speak of, and no ETA', () => {
  const progress = new Progress();
  progress.apply(started(), 0);
  progress.apply(progressed(100), 1000);
  assert.equal(progress.rate(60_000), 0);
  assert.equal(progress.remaining(60_000), null);
});

test('records count where bytes are not known, and nothing where neither is', () => {
  const progress = new Progress();
  progress.apply(progressed(250, { records: 1000 }), 0);
  assert.equal(progress.share, 0.25);
  progress.apply(progressed(250, {}), 0);
  assert.equal(progress.share, null);
});

test('more than all is all: the input grew since it was measured', () => {
  const progress = new Progress();
  progress.apply(progressed(2000), 0);
  assert.equal(progress.share, 1);
});

test('a phase lasts until it is over or records come', () => {
  const progress = new Progress();
  progress.apply({ type: 'phase', what: 'connecting' }, 0);
  assert.equal(progress.phase?.what, 'connecting');
  progress.apply({ type: 'phase', what: null }, 0);
  assert.equal(progress.phase, null);
  progress.apply({ type: 'phase', what: 'draining' }, 0);
  progress.apply(progressed(1), 0);
  assert.equal(progress.phase, null);
  progress.apply(ended, 0);
  assert.equal(progress.counts.read, 1);
});

test('an open circuit breaker is a phase that says why and how long', () => {
  const progress = new Progress();
  const error = new TrancheError('io', 'HTTP 503', { kind: 'transient' });
  progress.apply({ type: 'breaker', pause: 4000, error }, 0);
  assert.equal(
    progress.phase?.what,
    'paused: nothing gets through (HTTP 503); one batch tries again in 4.0 s',
  );
  progress.apply({ type: 'breaker', pause: null, error: null }, 0);
  assert.equal(progress.phase, null);
});

test('retries are counted one by one, whatever their limit', () => {
  const progress = new Progress();
  progress.apply(started(), 0);
  const error = new TrancheError('io', 'gone');
  progress.apply({ type: 'retry', attempt: 1, retries: 5, delay: 10, error }, 0);
  assert.equal(progress.retries, 1);
});
