import type { Counts } from '../core/checkpoint.js';
import type { Position } from '../core/position.js';
import type { Reject } from '../core/reject.js';
import type { RejectStore } from '../core/state.js';
import type { Refusal, Written } from '../core/target.js';
import type { Progress } from './committer.js';
import { countDistinct, endOf, type Portion } from './portion.js';
import { rejectsOf } from './rejects.js';

/** The books of a portion: the counts with it, and its rejects. */
export interface Settled {
  readonly counts: Counts;
  readonly rejects: readonly Reject[];
}

/** Appends the rejects of a portion that begins at `start`, in the order of the input, and counts it. What an attempt before left there is taken back. */
export async function settle(
  portion: Portion,
  start: Position | null,
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
      bytes: counts.bytes + bytesOf(portion, start),
    },
  };
}

/** Bytes of input from `start`, the end of what came before, to the end of a portion; of several portions as many as of their batch. */
export function bytesOf(portion: Portion, start: Position | null): number {
  const { batch } = portion;
  return batch.bytesBefore(endOf(portion)) - (start === null ? 0 : batch.bytesBefore(start));
}

/**
 * Source records written, from the target's own count. Where a transform made several records of one, a source record counts as
 * written if none of them was refused; records that the target does not account for are missing here, and show as an imbalance.
 */
export function writtenIn(portion: Portion, written: Written): number {
  if (!portion.origins) return written.count;
  const { origins } = portion;
  const missing = portion.records.count - written.count - written.refused.length;
  return (
    countDistinct(origins) - countDistinct(written.refused.map(({ index }) => origins[index]!)) - missing
  );
}
