import type { Batch } from '../core/batch.js';
import type { Reject } from '../core/reject.js';
import type { Refusal } from '../core/target.js';
import { originOf, type Portion } from './portion.js';

/** All rejects of a portion in the order of the input, one a source record. */
export function rejectsOf(portion: Portion, refused: readonly Refusal[], attempt: number): Reject[] {
  const { batch } = portion;
  const found: { order: number; reject: Reject }[] = [];
  for (const bad of portion.malformed) {
    const { at, reason, message, raw, length } = bad;
    found.push({ order: bad.before - 0.5, reject: { at, reason, message, raw, length, attempts: 0 } });
  }
  for (const failure of portion.failures) {
    found.push({ order: failure.index, reject: rejectOf(batch, failure, 0) });
  }
  const seen = new Set<number>();
  const all = refused.map(one => ({ ...one, index: originOf(portion, one.index) }));
  for (const one of [...portion.refused, ...all]) {
    if (seen.has(one.index)) continue;
    seen.add(one.index);
    found.push({ order: one.index, reject: rejectOf(batch, one, attempt) });
  }
  return found.sort((a, b) => a.order - b.order).map(({ reject }) => reject);
}

function rejectOf(batch: Batch, refusal: Refusal, attempts: number): Reject {
  const { index, reason, message } = refusal;
  const { raw, length } = batch.raw(index);
  return { at: batch.locate(index), reason, message, raw, length, attempts };
}
