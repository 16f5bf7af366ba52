import type { Counts, DoneRange } from '../core/checkpoint.js';
import type { Mark, Position } from '../core/position.js';

/** How far the job got: position, mark and counts, to be saved as one. */
export interface Progress {
  readonly position: Position | null;
  /** What is done beyond the position. */
  readonly ahead: readonly DoneRange[];
  readonly mark: Mark;
  readonly counts: Counts;
  /** The highest number of a batch that is done. */
  readonly batches: number;
  /** Bytes of the rejects file. */
  readonly rejects: number;
}

/** Milliseconds that a checkpoint may lag behind the data before the run waits for it. */
const MAX_LAG = 1000;
/** Checkpoints that are made at once; after them come at most one each {@link GAP} milliseconds. */
const BURST = 64;
/**
 * Measured: a checkpoint costs about half a millisecond of the run's own time, and fast batches take four. With this gap checkpoints cost
 * less than a fiftieth; a run of slow batches never notices it.
 */
const GAP = 25;

/**
 * Makes progress durable while the run goes on: target first, then rejects, then the checkpoint. While one checkpoint is being flushed the newest
 * progress waits and replaces what waited before it, so that a slow disk costs freshness, not speed.
 */
export class Committer {
  readonly #flush: (progress: Progress) => Promise<void>;
  #waiting: Progress | null = null;
  #waitingSince = 0;
  #running: Promise<void> | null = null;
  #failure: unknown = null;
  #flushes = 0;
  #flushedAt = 0;
  /** Ends the wait for the gap, while there is one. */
  #hurry: (() => void) | null = null;
  #draining = false;
  #committed: Progress;

  /** `flush` makes one progress durable, in the order of the invariant. */
  constructor(initial: Progress, flush: (progress: Progress) => Promise<void>) {
    this.#committed = initial;
    this.#flush = flush;
  }

  /** The newest progress that is durable. */
  get committed(): Progress {
    return this.#committed;
  }

  /** Hands in newer progress. Waits only when the checkpoint lags too far behind; throws what a flush threw. */
  async offer(progress: Progress): Promise<void> {
    this.#throwFailure();
    if (this.#waiting === null) this.#waitingSince = performance.now();
    this.#waiting = progress;
    if (this.#running === null) this.#running = this.#run();
    if (performance.now() - this.#waitingSince > MAX_LAG) await this.drain();
  }

  /** Waits until everything offered is durable. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#hurry?.();
    while (this.#running) await this.#running;
    this.#draining = false;
    this.#throwFailure();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting) {
        await this.#gap();
        const progress = this.#waiting;
        this.#waiting = null;
        await this.#flush(progress);
        this.#committed = progress;
        this.#flushes++;
        this.#flushedAt = performance.now();
      }
    } catch (error) {
      this.#failure = error;
      this.#waiting = null;
    } finally {
      this.#running = null;
    }
  }

  /** Waits until the next checkpoint is due, or somebody drains. */
  async #gap(): Promise<void> {
    const wait = this.#flushedAt + GAP - performance.now();
    if (this.#flushes < BURST || this.#draining || wait <= 0) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, wait);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#hurry = null;
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}
