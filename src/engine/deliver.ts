import type { Counts } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import type { Mark, Position } from '../core/position.js';
import type { Reject } from '../core/reject.js';
import type { RejectStore } from '../core/state.js';
import type { Refusal, Target, Written } from '../core/target.js';
import type { Progress } from './committer.js';
import { countDistinct, endOf, originOf, type Portion, refusedPortion, splitBefore } from './portion.js';
import { rejectsOf } from './rejects.js';
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

/**
 * Brings a portion into the target, trying again what is transient and finding records that are refused. Yields once for each piece that
 * the target took by itself: one, unless records had to be isolated.
 */
export async function* deliver(portion: Portion, before: Progress, how: Delivery): AsyncGenerator<Delivered> {
  try {
    yield await attempt(portion, before, how);
  } catch (error) {
    // Where there is no record, none can be at fault.
    if (!isOfRecord(error) || portion.records.count === 0) throw error;
    let progress = before;
    for (const piece of isolate(portion, error)) {
      for await (const delivered of deliver(piece, progress, how)) {
        progress = delivered.progress;
        yield delivered;
      }
    }
  }
}

function isOfRecord(error: unknown): error is TrancheError {
  return error instanceof TrancheError && error.kind === 'record';
}

/** The pieces to try after a record was refused: around the record if the target named it, else halves; a single record is a reject. */
function isolate(portion: Portion, error: TrancheError): Portion[] {
  const { from, to } = portion;
  const refuse = (one: Portion): Portion =>
    refusedPortion(one, { index: one.from, reason: 'refused', message: error.message });
  if (to - from <= 1) return [refuse(portion)];
  const bad = error.index === undefined ? undefined : originOf(portion, error.index);
  if (bad === undefined || bad < from || bad >= to)
    return [...splitBefore(portion, from + ((to - from) >>> 1))];
  const [head, rest] = splitBefore(portion, bad);
  const pieces = bad > from ? [head] : [];
  if (bad + 1 >= to) return [...pieces, refuse(rest)];
  const [record, tail] = splitBefore(rest, bad + 1);
  return [...pieces, refuse(record), tail];
}

async function attempt(portion: Portion, before: Progress, how: Delivery): Promise<Delivered> {
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

/** What was sealed last. Kept from attempt to attempt: a target may find out later that a batch whose answer was lost is there. */
interface Settlement {
  settled: Settled | null;
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
    return how.entry({ position, counts: sealed.settled.counts, rejects: how.rejects.bytes });
  };
  const written = await withTimeout(how.timeout, signal =>
    how.target.write({ batch: portion.batch, records: portion.records, attempt, signal, seal }),
  );
  const settled = sealed.settled ?? (await settle(portion, written.refused, attempt, before, how.rejects));
  const counts = { ...settled.counts, written: before.counts.written + writtenIn(portion, written) };
  return {
    progress: progressOf(position, written.mark, counts, how),
    rejects: settled.rejects,
    read: portion.read,
  };
}

function progressOf(position: Position, mark: Mark, counts: Counts, how: Delivery): Progress {
  return { position, mark, counts, rejects: how.rejects.bytes };
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

interface Settled {
  readonly counts: Counts;
  readonly rejects: readonly Reject[];
}

/** Appends the rejects of a portion, in the order of the input, and counts it. What an attempt before left there is taken back. */
async function settle(
  portion: Portion,
  refused: readonly Refusal[],
  attempt: number,
  before: Progress,
  store: RejectStore,
): Promise<Settled> {
  if (store.bytes > before.rejects) await store.truncate(before.rejects);
  const rejects = rejectsOf(portion, refused, attempt);
  if (rejects.length > 0) await store.append(rejects);
  const { counts } = before;
  return {
    rejects,
    counts: {
      read: counts.read + portion.read,
      written: counts.written + portion.read - rejects.length - portion.filtered - portion.skipped,
      rejected: counts.rejected + rejects.length,
      filtered: counts.filtered + portion.filtered,
      skipped: counts.skipped + portion.skipped,
      bytes: counts.bytes + (portion.endsBatch ? portion.batch.bytes : 0),
    },
  };
}

/**
 * Source records written, from the target's own count. Where a transform made several records of one, a source record counts as
 * written if none of them was refused; records that the target does not account for are missing here, and show as an imbalance.
 */
function writtenIn(portion: Portion, written: Written): number {
  if (!portion.origins) return written.count;
  const { origins } = portion;
  const missing = portion.records.count - written.count - written.refused.length;
  return (
    countDistinct(origins) - countDistinct(written.refused.map(({ index }) => origins[index]!)) - missing
  );
}
