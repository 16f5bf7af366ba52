import type { Portion } from './portion.js';
import { splitBefore } from './split-portion.js';

/**
 * Where a portion is to be halved, as an index of its batch: whatever piece of the batch it is, the pieces are those that halving the whole batch again and again
 * makes. A piece that is sent again after a restart is the one that was sent before, and so is its idempotency key.
 */
export function middleOf({ batch, from, to }: Portion): number {
  let low = 0;
  let high = batch.records.count;
  for (;;) {
    const middle = low + ((high - low) >>> 1);
    if (middle <= from) low = middle;
    else if (middle >= to) high = middle;
    else return middle;
  }
}

/** What is left of a batch whose beginning is done, as the pieces that were still to be sent if the batch was being halved. */
export function* remainingHalves(portion: Portion): Generator<Portion> {
  let rest = portion;
  for (let middle = cutOf(rest); middle !== null; middle = cutOf(rest)) {
    const [piece, more] = splitBefore(rest, middle);
    yield piece;
    rest = more;
  }
  yield rest;
}

/** The end of the largest piece of the halved batch that begins where the portion does; null: it is not before the portion's end. */
function cutOf({ batch, from, to }: Portion): number | null {
  let low = 0;
  let high = batch.records.count;
  if (from >= high) return null;
  while (low < from) {
    const middle = low + ((high - low) >>> 1);
    if (middle <= from) low = middle;
    else high = middle;
  }
  return high < to ? high : null;
}
