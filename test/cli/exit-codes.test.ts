import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodeOf, exitCodeOfError, exitCodes } from '#tranche/cli/exit-codes.js';
import { type ErrorCode, TrancheError } from '#tranche/core/errors.js';
import type { StopReason } from '#tranche/core/events.js';
import { summary } from '../helpers/summary.js';

test('a run that is done is 0, with rejects 3, with nothing new 0', () => {
  const rejected = { read: 5, written: 4, rejected: 1, filtered: 0, skipped: 0, bytes: 50 };
  assert.equal(exitCodeOf(summary()), 0);
  assert.equal(exitCodeOf(summary({ counts: rejected })), 3);
  assert.equal(exitCodeOf(summary({ counts: rejected, nothingNew: true })), 0);
});

const stops: readonly (readonly [StopReason, number])[] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
  ['--max-duration', 75],
  ['--max-batches', 75],
  ['output closed', 1],
];

for (const [stopped, code] of stops) {
  test(`stopped by ${stopped} is ${code}`, () => {
    assert.equal(exitCodeOf(summary({ status: 'paused', stopped })), code);
  });
}

const failures: readonly (readonly [ErrorCode, number])[] = [
  ['usage', 2],
  ['io', 1],
  ['source_missing', 1],
  ['source_changed', 5],
  ['target_changed', 5],
  ['options_changed', 5],
  ['job_locked', 6],
  ['job_fenced', 6],
  ['job_unfinished', 7],
  ['checkpoint_unreadable', 8],
  ['too_many_rejects', 4],
  ['retries_exhausted', 1],
  ['imbalance', 1],
];

for (const [error, code] of failures) {
  test(`${error} is ${code}`, () => {
    assert.equal(exitCodeOfError(error), code);
    assert.equal(exitCodeOf(summary({ status: 'failed', error: new TrancheError(error, 'x') })), code);
    assert.ok(code in exitCodes);
  });
}
