import type { Batch, Malformed } from '../core/batch.js';
import type { Position } from '../core/position.js';
import type { Records } from '../core/records.js';
import type { Refusal } from '../core/target.js';

/** A record of the batch that the transform could not handle. */
export interface TransformFailure {
  /** Index in the batch's records. */
  readonly index: number;
  readonly message: string;
}

/**
 * A piece of a batch that is written and committed as one: usually the whole batch; less where `--limit` or `--skip` cuts, or where a bad record
 * has to be found. Its end is a position like any other, so a piece can be checkpointed by itself.
 */
export interface Portion {
  readonly batch: Batch;
  /** Good records `[from, to)` of the batch. */
  readonly from: number;
  readonly to: number;
  readonly malformed: readonly Malformed[];
  /** Records read, good and malformed. */
  readonly read: number;
  /** What to write. */
  readonly records: Records;
  /** For each of `records` the index of the batch's record it came from; null: they are the batch's own, from `from` on. */
  readonly origins: readonly number[] | null;
  readonly failures: readonly TransformFailure[];
  /** The target refused the only record of the portion: it is not to be tried again. */
  readonly refused: Refusal | null;
  /** Records to which the transform answered null. */
  readonly filtered: number;
  /** Records left out by `--skip`. */
  readonly skipped: number;
  /** Where it ends, if that cannot be told from its records. */
  readonly end: Position | null;
  /** True for the piece that reaches the end of the batch. */
  readonly endsBatch: boolean;
}

/** The whole batch. */
export function wholeBatch(batch: Batch): Portion {
  return {
    batch,
    from: 0,
    to: batch.records.count,
    malformed: batch.malformed,
    read: batch.records.count + batch.malformed.length,
    records: batch.records,
    origins: null,
    failures: [],
    refused: null,
    filtered: 0,
    skipped: 0,
    end: null,
    endsBatch: true,
  };
}

/** Where a portion ends. Positions are to be asked for in the order of the input. */
export function endOf(portion: Portion): Position {
  const { batch, from, to, malformed } = portion;
  if (portion.end) return portion.end;
  if (portion.endsBatch) return batch.end;
  const last = malformed.at(-1);
  return last && (last.before >= to || to === from) ? last.end : batch.positionAfter(to - 1);
}

/** A portion that `--skip` leaves out: read, and neither written nor rejected. */
export function skippedPortion(portion: Portion): Portion {
  return {
    ...portion,
    malformed: [],
    records: noRecords,
    origins: [],
    skipped: portion.read,
    end: endOf(portion),
  };
}

/** A portion of one record that the target refused: it becomes a reject and leaves nothing to write. */
export function refusedPortion(portion: Portion, refused: Refusal): Portion {
  return { ...portion, records: noRecords, origins: [], filtered: 0, refused };
}

const noRecords: Records = { form: 'objects', count: 0, objects: [] };

/** Index in the batch of the record that `records[index]` came from. */
export function originOf(portion: Portion, index: number): number {
  return portion.origins ? portion.origins[index]! : portion.from + index;
}

/** How many different numbers there are in a list in ascending order. */
export function countDistinct(sorted: readonly number[]): number {
  let count = 0;
  for (let i = 0; i < sorted.length; i++) {
    if (i === 0 || sorted[i] !== sorted[i - 1]) count++;
  }
  return count;
}
