import type { Batch, Malformed, ReasonCode } from '../core/batch.js';
import { pickRecords } from '../core/pick-records.js';
import type { Position } from '../core/position.js';
import type { Records } from '../core/records.js';
import type { Refusal } from '../core/target.js';

/** A record of the batch that the transform could not handle, or did not get since a value does not fit its declared type. */
export interface TransformFailure {
  /** Index in the batch's records. */
  readonly index: number;
  readonly reason: ReasonCode;
  readonly message: string;
}

/**
 * A piece of a batch that is written and committed as one: usually the whole batch; less where `--limit` or `--skip` cuts, or where a bad record
 * has to be found. Its end is a position like any other, so a piece can be checkpointed by itself.
 */
export interface Portion {
  readonly batch: Batch;
  /** The batch's number in the job, from 1. */
  readonly number: number;
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
  /** Records of the batch that the target refused: they are not to be tried again, and are not among `records`. */
  readonly refused: readonly Refusal[];
  /** Records to which the transform answered null. */
  readonly filtered: number;
  /** An earlier run has done it: it is not to be delivered. */
  readonly passed: boolean;
  /** Records left out by `--skip`. */
  readonly skipped: number;
  /** Where it ends, if that cannot be told from its records. */
  readonly end: Position | null;
  /** True for the piece that reaches the end of the batch. */
  readonly endsBatch: boolean;
}

/** The whole batch. */
export function wholeBatch(batch: Batch, number: number): Portion {
  return {
    batch,
    number,
    from: 0,
    to: batch.records.count,
    malformed: batch.malformed,
    read: batch.records.count + batch.malformed.length,
    records: batch.records,
    origins: null,
    failures: [],
    refused: [],
    filtered: 0,
    passed: false,
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

/** A portion that an earlier run has done. */
export function passedPortion(portion: Portion): Portion {
  return { ...portion, passed: true, end: endOf(portion) };
}

/** A portion without those records that the target refused, which become rejects. Indices of `refused` are of the portion's `records`, in ascending order. */
export function withoutRecords(portion: Portion, refused: readonly Refusal[]): Portion {
  const bad = refused.map(one => ({ ...one, index: originOf(portion, one.index) }));
  const seen = new Set(bad.map(({ index }) => index));
  const all = Array.from({ length: portion.records.count }, (_, index) => index);
  // All that a transform made of a record goes with it.
  const kept = all.filter(index => !seen.has(originOf(portion, index)));
  return {
    ...portion,
    records: pickRecords(portion.records, Uint32Array.from(kept)),
    origins: kept.map(index => originOf(portion, index)),
    refused: [...portion.refused, ...bad],
  };
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
