import type { Batch } from '../core/batch.js';
import type { Portion } from './portion.js';

/** A batch that is needed as long as parts of it are on their way or may follow. */
interface Held {
  readonly batch: Batch;
  parts: number;
  whole: boolean;
}

/**
 * Knows when a batch is not needed any more: its portions may arrive in another order than they set out. A list and not a map: there are only as many as lanes,
 * and the tables that a map grows out of go on to refer to those it grew into, so that one which outlives its batches keeps all that follow from dying young.
 */
export class Holds {
  readonly #held: Held[] = [];

  /** A portion sets out. */
  hold({ batch, endsBatch }: Portion): void {
    const held = this.#find(batch);
    if (!held) {
      this.#held.push({ batch, parts: 1, whole: endsBatch });
      return;
    }
    held.parts++;
    held.whole ||= endsBatch;
  }

  /** A portion that is not sent out at all. */
  pass(portion: Portion): void {
    this.hold(portion);
    this.free(portion);
  }

  /** A portion has arrived. Gives the memory of its batch back if it was the last one. */
  free({ batch }: Portion): void {
    const held = this.#find(batch)!;
    held.parts--;
    if (held.parts > 0 || !held.whole) return;
    this.#held.splice(this.#held.indexOf(held), 1);
    batch.release();
  }

  #find(batch: Batch): Held | undefined {
    return this.#held.find(held => held.batch === batch);
  }
}
