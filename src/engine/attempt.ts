import { TrancheError } from '../core/errors.js';
import type { Reject } from '../core/reject.js';
import type { RejectStore } from '../core/state.js';
import type { Refusal, Target } from '../core/target.js';
import type { Progress } from './committer.js';
import { endOf, originOf, type Portion } from './portion.js';
import { type Settled, settle, writtenIn } from './settle.js';
import { type Retrying, waitForRetry } from './wait-for-retry.js';

/** What delivering needs besides the portion. */
export interface Delivery extends Retrying {
  readonly target: Target;
  readonly rejects: RejectStore;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Makes the ledger entry for progress whose mark the target itself will set; only called for targets with a ledger. */
  entry(progress: Omit<Progress, 'mark'>): Promise<string>;
}

/** A portion that is in the target: the new progress, and what was rejected on the way. */
export interface Delivered {
  readonly progress: Progress;
  readonly rejects: readonly Reject[];
  readonly read: number;
}

/** What was sealed last. Kept from attempt to attempt: a target may find out later that a batch whose answer was lost is there. */
interface Settlement {
  settled: Settled | null;
}

/** Writes a portion, again and again while what goes wrong is transient. */
export async function attempt(portion: Portion, before: Progress, how: Delivery): Promise<Delivered> {
  const settlement: Settlement = { settled: null };
  for (let number = 1; ; number++) {
    try {
      return await once(portion, before, number, how, settlement);
    } catch (error) {
      if (!(error instanceof TrancheError) || error.kind !== 'transient') throw error;
      await waitForRetry(error, number, how);
    }
  }
}

async function once(
  portion: Portion,
  before: Progress,
  attempt: number,
  how: Delivery,
  sealed: Settlement,
): Promise<Delivered> {
  const position = endOf(portion);
  const seal = async (refused: readonly Refusal[]): Promise<string> => {
    sealed.settled = await settle(portion, refused, attempt, before, how.rejects);
    await how.rejects.sync();
    return how.entry({
      position,
      counts: sealed.settled.counts,
      batches: portion.number,
      rejects: how.rejects.bytes,
    });
  };
  const written = await withTimeout(how.timeout, signal =>
    how.target.write({
      batch: portion.batch,
      records: portion.records,
      number: portion.number,
      attempt,
      locate: index => portion.batch.locate(originOf(portion, index)),
      signal,
      seal,
    }),
  );
  const settled = sealed.settled ?? (await settle(portion, written.refused, attempt, before, how.rejects));
  const counts = { ...settled.counts, written: before.counts.written + writtenIn(portion, written) };
  return {
    progress: { position, mark: written.mark, counts, batches: portion.number, rejects: how.rejects.bytes },
    rejects: settled.rejects,
    read: portion.read,
  };
}

/** Not `AbortSignal.timeout`: its timers outlive the attempt, which is a minute of them a batch. */
export async function withTimeout<T>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
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
