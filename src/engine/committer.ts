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
/** Milliseconds that whoever waits for a checkpoint has patience for others, at most. */
const MOST_PATIENCE = 50;

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
  /** Looks anew at how long the gap is, while there is one. */
  #hurry: (() => void) | null = null;
  /** When the next flush is to begin, because somebody waits for it. */
  #due = Number.POSITIVE_INFINITY;
  /** How often progress was handed in, and how much of that is durable. */
  #offered = 0;
  #durable = 0;
  /** Called after each flush, and when there will be none. */
  #waiters: (() => void)[] = [];
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
    this.#offered++;
    if (this.#running === null) this.#running = this.#run();
    if (performance.now() - this.#waitingSince > MAX_LAG) await this.confirm();
  }

  /**
   * Waits until everything that was offered up to now is durable, whatever others offer meanwhile. The flush begins within `patience` milliseconds, so that others
   * may be in it.
   */
  async confirm(patience = 0): Promise<void> {
    const offered = this.#offered;
    if (this.#waiting) this.#due = Math.min(this.#due, performance.now() + Math.min(patience, MOST_PATIENCE));
    this.#hurry?.();
    while (this.#durable < offered && this.#running) await this.#nextFlush();
    this.#throwFailure();
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting) {
        await this.#gap();
        const progress = this.#waiting;
        const offered = this.#offered;
        this.#waiting = null;
        this.#due = Number.POSITIVE_INFINITY;
        await this.#flush(progress);
        this.#committed = progress;
        this.#durable = offered;
        this.#flushes++;
        this.#flushedAt = performance.now();
        this.#wake();
      }
    } catch (error) {
      this.#failure = error;
      this.#waiting = null;
    } finally {
      this.#running = null;
      this.#wake();
    }
  }

  #nextFlush(): Promise<void> {
    return new Promise(resolve => void this.#waiters.push(resolve));
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Waits until the next checkpoint is due. */
  async #gap(): Promise<void> {
    for (;;) {
      const awaited = this.#due < Number.POSITIVE_INFINITY;
      const wait = (awaited ? this.#due : this.#flushedAt + GAP) - performance.now();
      if ((!awaited && this.#flushes < BURST) || wait <= 0) return;
      await new Promise<void>(resolve => {
        const timer = setTimeout(resolve, wait);
        this.#hurry = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#hurry = null;
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}
