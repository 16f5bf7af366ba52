import { TrancheError } from '../../core/errors.js';
import { describeThrown } from '../../core/thrown.js';
import { isRejectRecords, isRetryLater, type RetryLater, wrongAnswer } from './answers.js';
import type { BatchCall } from './batch-call.js';

/** What a call that threw means: an error for the engine. */
export function failureOf(thrown: unknown, call: BatchCall, name: string): TrancheError {
  if (call.failure instanceof TrancheError) return call.failure;
  if (call.signal.aborted) return cancelled(thrown, call, name);
  if (isRejectRecords(thrown)) return refused(thrown.records, call, name);
  if (isRetryLater(thrown)) return postponed(thrown, name);
  if (thrown instanceof TrancheError) return thrown;
  return new TrancheError('target_refused', `${name} threw ${describeThrown(thrown)}`, {
    kind: 'transient',
    operation: 'write',
    path: name,
    cause: thrown,
  });
}

/** A module that asked for a pause, by a throw or an answer. */
export function postponed({ after, message }: RetryLater, name: string): TrancheError {
  const retryAfter = typeof after === 'number' && after > 0 ? after : undefined;
  return new TrancheError('busy', `${name} asked for a pause: ${String(message)}`, {
    kind: 'transient',
    path: name,
    ...(retryAfter === undefined ? {} : { retryAfter }),
  });
}

/** Once an entry was given out, nobody knows whether it will be committed after all: the next run asks the ledger. */
function cancelled(thrown: unknown, call: BatchCall, name: string): TrancheError {
  const why = thrown instanceof TrancheError ? thrown.message : 'the attempt was cancelled';
  if (call.sealed) {
    return new TrancheError('timeout', `${why}, and whether ${name} has committed it is not known`, {
      path: name,
      hint: 'go on with --resume: the ledger tells; allow more time with --timeout',
    });
  }
  return thrown instanceof TrancheError ? thrown : new TrancheError('timeout', why, { kind: 'transient' });
}

function refused(rejections: unknown, call: BatchCall, name: string): TrancheError {
  try {
    const refusals = call.refused(rejections);
    if (!Array.isArray(rejections) || rejections.length === 0)
      return wrongAnswer(name, 'RejectRecords without a record');
    const [first] = rejections as readonly { readonly message?: unknown }[];
    return new TrancheError('target_refused', `${name} refused records: ${String(first?.message)}`, {
      kind: 'record',
      path: name,
      refusals,
    });
  } catch (error) {
    return error as TrancheError;
  }
}
