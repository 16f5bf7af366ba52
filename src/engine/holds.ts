import type { Batch } from '../core/batch.js';
import type { Portion } from './portion.js';

/** Knows when a batch is not needed any more: its portions may arrive in another order than they set out. */
export class Holds {
  readonly #parts = new Map<Batch, { parts: number; whole: boolean }>();

  /** A portion sets out. */
  hold({ batch, endsBatch }: Portion): void {
    const held = this.#parts.get(batch) ?? { parts: 0, whole: false };
    this.#parts.set(batch, { parts: held.parts + 1, whole: held.whole || endsBatch });
  }

  /** A portion that is not sent out at all. */
  pass(portion: Portion): void {
    this.hold(portion);
    this.free(portion);
  }

  /** A portion has arrived. Gives the memory of its batch back if it was the last one. */
  free({ batch }: Portion): void {
    const held = this.#parts.get(batch)!;
    held.parts--;
    if (held.parts > 0 || !held.whole) return;
    this.#parts.delete(batch);
    batch.release();
  }
}
