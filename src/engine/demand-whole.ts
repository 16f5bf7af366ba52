import { TrancheError } from '../core/errors.js';
import type { Refusal } from '../core/target.js';
import type { Portion } from './portion.js';

/**
 * A record of the source is written whole or not at all. Throws a `record` error if the target refused some of the records that a transform made of one
 * and took others: they are tried again without any of it.
 */
export function demandWhole({ origins }: Portion, refused: readonly Refusal[]): void {
  if (!origins || refused.length === 0) return;
  const indices = new Set(refused.map(({ index }) => index));
  const touched = new Set(refused.map(({ index }) => origins[index]!));
  if (!origins.some((origin, index) => touched.has(origin) && !indices.has(index))) return;
  throw new TrancheError('target_refused', 'a part of what the transform made of a record was refused', {
    kind: 'record',
    refusals: refused,
  });
}
