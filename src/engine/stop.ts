import { TrancheError } from '../core/errors.js';
import type { StopReason } from '../core/events.js';

/** Gathers everything that may end a run early: the caller's signal and the limits of `--max-duration` and `--max-batches`. */
export class Stop {
  readonly #controller = new AbortController();
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #outer: AbortSignal;
  readonly #listener: () => void;
  #batchesLeft: number;

  constructor(outer: AbortSignal, maxDuration: number | undefined, maxBatches: number | undefined) {
    this.#outer = outer;
    this.#listener = () => this.#abort(reasonOf(outer));
    if (outer.aborted) this.#listener();
    else outer.addEventListener('abort', this.#listener, { once: true });
    this.#batchesLeft = maxBatches ?? Number.POSITIVE_INFINITY;
    if (maxDuration !== undefined) this.#timer = setTimeout(() => this.#abort('--max-duration'), maxDuration);
  }

  /** Aborted once the run is to stop after the batch in hand. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why the run is to stop; null while it is not. */
  get reason(): StopReason | null {
    return this.signal.aborted ? (this.signal.reason as StopReason) : null;
  }

  /** What the caller wants the run to fail with. */
  get failure(): TrancheError | null {
    const { reason } = this.#outer;
    return reason instanceof TrancheError ? reason : null;
  }

  /** Counts a batch that was begun. True if no other may begin. */
  countBatch(): boolean {
    return --this.#batchesLeft <= 0;
  }

  /** All batches that were allowed have been delivered. */
  enough(): void {
    if (this.#batchesLeft <= 0) this.#abort('--max-batches');
  }

  /** Lets go of timer and listener. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.#outer.removeEventListener('abort', this.#listener);
  }

  #abort(reason: StopReason): void {
    this.#controller.abort(reason);
  }
}

/** Why a signal was aborted; it need not have been by us. */
export function reasonOf({ reason }: AbortSignal): StopReason {
  return typeof reason === 'string' ? (reason as StopReason) : 'aborted';
}
