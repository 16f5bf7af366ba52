import { TrancheError } from '../core/errors.js';
import type { Report } from '../core/events.js';
import type { Reject } from '../core/reject.js';
import type { Journal, RejectStore } from '../core/state.js';
import type { Refusal, Target } from '../core/target.js';
import type { Progress } from './committer.js';
import { endOf, type Portion } from './portion.js';
import { backoff, pause, type RetryPolicy } from './retry.js';
import { type Settled, settle, writtenIn } from './settle.js';

/** What delivering needs besides the portion. */
export interface Delivery {
  readonly target: Target;
  readonly rejects: RejectStore;
  readonly journal: Journal;
  readonly retry: RetryPolicy;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Aborted when the run is to stop; a wait between attempts ends at once. */
  readonly signal: AbortSignal;
  readonly report: Report;
  /** Makes the ledger entry for progress whose mark the target itself will set; only called for targets with a ledger. */
  entry(progress: Omit<Progress, 'mark'>): Promise<string>;
  /** Called after every retry. */
  retried(): void;
}

/** A portion that is in the target: the new progress, and what was rejected on the way. */
export interface Delivered {
  readonly progress: Progress;
  readonly rejects: readonly Reject[];
  readonly read: number;
}

/** Writes a portion, again and again while what goes wrong is transient; what was rejected in vain is taken back. */
export async function attempt(portion: Portion, before: Progress, how: Delivery): Promise<Delivered> {
  for (let number = 1; ; number++) {
    try {
      return await once(portion, before, number, how);
    } catch (error) {
      await how.rejects.truncate(before.rejects);
      if (!(error instanceof TrancheError) || error.kind !== 'transient') throw error;
      await waitForRetry(error, number, how);
    }
  }
}

async function waitForRetry(error: TrancheError, attempt: number, how: Delivery): Promise<void> {
  const { retries } = how.retry;
  if (attempt > retries) {
    throw new TrancheError('retries_exhausted', `gave up after ${attempt} attempts: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
  const delay = backoff(how.retry, attempt);
  how.retried();
  how.report({ type: 'retry', attempt, retries, delay, error });
  await how.journal.write('retry', { attempt, delay, message: error.message });
  await pause(delay, how.signal);
  if (how.signal.aborted) throw error;
}

async function once(portion: Portion, before: Progress, attempt: number, how: Delivery): Promise<Delivered> {
  const position = endOf(portion);
  let sealed: Settled | undefined;
  const seal = async (refused: readonly Refusal[]): Promise<string> => {
    sealed = await settle(portion, refused, attempt, before, how.rejects);
    await how.rejects.sync();
    return how.entry({ position, counts: sealed.counts, rejects: how.rejects.bytes });
  };
  const written = await withTimeout(how.timeout, signal =>
    how.target.write({ batch: portion.batch, records: portion.records, attempt, signal, seal }),
  );
  const settled = sealed ?? (await settle(portion, written.refused, attempt, before, how.rejects));
  const counts = { ...settled.counts, written: before.counts.written + writtenIn(portion, written) };
  return {
    progress: { position, mark: written.mark, counts, rejects: how.rejects.bytes },
    rejects: settled.rejects,
    read: portion.read,
  };
}

/** Not `AbortSignal.timeout`: its timers outlive the attempt, which is a minute of them a batch. */
async function withTimeout<T>(milliseconds: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timedOut(milliseconds)), milliseconds);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(milliseconds: number): TrancheError {
  return new TrancheError('timeout', `the batch took longer than ${milliseconds} ms`, {
    kind: 'transient',
    hint: 'allow more with --timeout',
  });
}
