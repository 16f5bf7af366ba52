import { pause } from './retry.js';

/** How much of a second's allowance a single batch may take: smaller batches make a smoother pace. */
const BATCH_SHARE = 0.1;

/** Limits in records and bytes a second; undefined: none. */
export interface PaceLimits {
  readonly rate?: number | undefined;
  readonly rateBytes?: number | undefined;
}

/** The largest batch that keeps the pace even. */
export function pacedBatch(
  limits: PaceLimits,
  records: number,
  bytes: number,
): { records: number; bytes: number } {
  return {
    records:
      limits.rate === undefined
        ? records
        : Math.min(records, Math.max(1, Math.floor(limits.rate * BATCH_SHARE))),
    bytes:
      limits.rateBytes === undefined
        ? bytes
        : Math.min(bytes, Math.max(1, Math.floor(limits.rateBytes * BATCH_SHARE))),
  };
}

/** Two token buckets, one for records and one for bytes, that may run into debt: a batch goes out, the next one waits. */
export class Pace {
  readonly #limits: PaceLimits;
  readonly #now: () => number;
  readonly #pause: typeof pause;
  /** When what went out so far may have gone out, in milliseconds of the monotonic clock. */
  #due = 0;

  /** The clock may be another one. */
  constructor(limits: PaceLimits, now: () => number = () => performance.now(), wait: typeof pause = pause) {
    this.#limits = limits;
    this.#now = now;
    this.#pause = wait;
  }

  /** Waits until the next batch may go out. */
  async wait(signal: AbortSignal): Promise<void> {
    const ahead = this.#due - this.#now();
    if (ahead > 0) await this.#pause(ahead, signal);
  }

  /** Counts a batch that went out. */
  spend(records: number, bytes: number): void {
    const now = this.#now();
    // A target that was slow for a while does not earn a burst: the debt never lies more than one share in the past.
    const from = Math.max(this.#due, now - 1000 * BATCH_SHARE);
    const seconds = Math.max(
      records / (this.#limits.rate ?? Infinity),
      bytes / (this.#limits.rateBytes ?? Infinity),
    );
    this.#due = from + seconds * 1000;
  }
}
