import type { Malformed } from '../core/batch.js';
import { sliceRecords } from '../core/slice-records.js';
import { countDistinct, type Portion } from './portion.js';

/**
 * Splits an untransformed portion after its first `read` records, malformed ones counted.
 * The second part is null if nothing is left.
 */
export function splitAfter(portion: Portion, read: number): [Portion, Portion | null] {
  if (read >= portion.read) return [portion, null];
  let good = 0;
  let bad = 0;
  while (good + bad < read) {
    const next = portion.malformed[bad];
    if (next && next.before <= portion.from + good) bad++;
    else good++;
  }
  const middle = portion.from + good;
  return [
    {
      ...portion,
      to: middle,
      malformed: portion.malformed.slice(0, bad),
      read,
      records: sliceRecords(portion.records, 0, good),
      endsBatch: false,
    },
    {
      ...portion,
      from: middle,
      malformed: portion.malformed.slice(bad),
      read: portion.read - read,
      records: sliceRecords(portion.records, good, portion.records.count),
    },
  ];
}

/** Splits a portion, transformed or not, before good record `middle` of the batch: what comes before it, and the rest. */
export function splitBefore(portion: Portion, middle: number): [Portion, Portion] {
  const cut = portion.origins ? lowerBound(portion.origins, middle) : middle - portion.from;
  const part = (
    from: number,
    to: number,
    first: number,
    last: number,
    bad: readonly Malformed[],
  ): Portion => ({
    ...portion,
    from,
    to,
    malformed: bad,
    read: to - from + bad.length,
    records: sliceRecords(portion.records, first, last),
    origins: portion.origins?.slice(first, last) ?? null,
    failures: portion.failures.filter(({ index }) => index >= from && index < to),
    refused: portion.refused.filter(({ index }) => index >= from && index < to),
  });
  const before = part(
    portion.from,
    middle,
    0,
    cut,
    portion.malformed.filter(m => m.before < middle),
  );
  const after = part(
    middle,
    portion.to,
    cut,
    portion.records.count,
    portion.malformed.filter(m => m.before >= middle),
  );
  const filtered = before.origins ? filteredIn(before) : 0;
  return [
    { ...before, filtered, endsBatch: false },
    { ...after, filtered: portion.filtered - filtered, skipped: 0 },
  ];
}

function filteredIn(portion: Portion): number {
  const emitted = countDistinct(portion.origins ?? []);
  const refused = new Set(portion.refused.map(({ index }) => index)).size;
  return portion.to - portion.from - emitted - portion.failures.length - refused;
}

function lowerBound(sorted: readonly number[], least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
