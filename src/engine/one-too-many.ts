import { TrancheError } from '../core/errors.js';
import type { Refusal } from '../core/target.js';
import { originOf, type Portion } from './portion.js';

/** A portion has a bad record more than `--max-errors` allows, and good ones behind it: it is to be cut there. */
export class OneTooMany extends TrancheError {
  /** The record of the batch to cut before. */
  readonly cut: number;

  constructor(cut: number) {
    super('too_many_rejects', 'the batch has more bad records than --max-errors allows', { kind: 'record' });
    this.cut = cut;
  }
}

/**
 * The run ends behind the bad record that is one too many: what comes behind it is not written, and a wrong key does not fill the rejects file.
 * Throws `OneTooMany` if the target refused so many that this is not the end of the portion. `left`: rejects that may still come.
 */
export function demandAllowed(portion: Portion, refused: readonly Refusal[], left: number): void {
  const { malformed, failures } = portion;
  if (malformed.length + failures.length + portion.refused.length + refused.length <= left) return;
  const bad = new Set([
    ...failures.map(({ index }) => index),
    ...portion.refused.map(({ index }) => index),
    ...refused.map(({ index }) => originOf(portion, index)),
  ]);
  // A malformed record goes with the good one behind it.
  const places = [...bad, ...malformed.map(({ before }) => before)].sort((one, other) => one - other);
  const last = places[left];
  if (last !== undefined && last + 1 < portion.to) throw new OneTooMany(last + 1);
}
