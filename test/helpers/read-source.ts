import assert from 'node:assert/strict';
import type { Batch } from '#tranche/core/batch.js';
import type { Column } from '#tranche/core/columns.js';
import type { Location, Position } from '#tranche/core/position.js';
import type { BatchLimits, Source } from '#tranche/core/source.js';

/** A record as a source gave it, good or not. */
export interface Found {
  readonly at: Location;
  readonly raw: string;
  readonly length: number;
  /** Null for a good record. */
  readonly reason: string | null;
  /** Where to go on behind it, as a checkpoint would have kept it. */
  readonly after: Position;
}

/** How a source is to be read. */
export interface Reading {
  readonly from?: Position | null;
  readonly limits?: Partial<BatchLimits>;
  readonly columns?: readonly Column[];
  readonly signal?: AbortSignal;
  /** Called with every batch before it is released. */
  readonly each?: (batch: Batch) => void;
}

/** What was read: the records, and where each batch ends. */
export interface Read {
  readonly records: readonly Found[];
  readonly ends: readonly Position[];
  readonly columns: readonly Column[];
}

/** Reads a source to its end, checks that batches fit together, and releases them. Does not close it. */
export async function readSource(source: Source, how: Reading = {}): Promise<Read> {
  const signal = how.signal ?? new AbortController().signal;
  const columns = how.columns ?? (await source.describe(signal)).columns;
  const limits = {
    get records() {
      return how.limits?.records ?? 1000;
    },
    bytes: how.limits?.bytes ?? 1 << 20,
  };
  const from = how.from ?? null;
  const records: Found[] = [];
  const ends: Position[] = [];
  const batches = source.open({ from, limits, columns, cells: true, signal, progressing: () => {} });
  // What is read ahead was cut with the limits of that time.
  let most = limits.records;
  for await (const batch of batches) {
    const before = ends.at(-1);
    if (before && before['file'] === batch.start['file']) assert.deepEqual(kept(batch.start), before);
    const found = recordsOf(batch);
    assert.ok(found.length <= most);
    records.push(...found);
    ends.push(kept(batch.end));
    how.each?.(batch);
    most = Math.max(most, limits.records);
    batch.release();
  }
  return { records, ends, columns };
}

/** The records of a batch in the order of the input. */
export function recordsOf(batch: Batch): Found[] {
  const found: Found[] = [];
  let bad = 0;
  for (let good = 0; good <= batch.records.count; good++) {
    for (; batch.malformed[bad]?.before === good; bad++) {
      const { at, raw, length, reason, end } = batch.malformed[bad]!;
      found.push({ at, raw: raw.toString('utf8'), length, reason, after: kept(end) });
    }
    if (good === batch.records.count) break;
    const { raw, length } = batch.raw(good);
    const after = kept(batch.positionAfter(good));
    found.push({ at: batch.locate(good), raw: raw.toString('utf8'), length, reason: null, after });
  }
  assert.equal(bad, batch.malformed.length);
  return found;
}

/** A position as it comes back from a checkpoint. */
function kept(position: Position): Position {
  return JSON.parse(JSON.stringify(position)) as Position;
}

/** Records without their positions, which differ in how they get there. */
export function withoutPositions(records: readonly Found[]): Omit<Found, 'after'>[] {
  return records.map(({ after: _after, ...rest }) => rest);
}
