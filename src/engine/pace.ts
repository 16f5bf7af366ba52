import { pause } from './retry.js';

/** Seconds of allowance that a single batch may take: smaller batches make a smoother pace. */
const BATCH_SHARE = 0.05;
/** Milliseconds of allowance that may be saved up: that of one batch. */
const MOST_SAVED = 1000 * BATCH_SHARE;

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
    records: Math.min(records, shareOf(limits.rate)),
    bytes: Math.min(bytes, shareOf(limits.rateBytes)),
  };
}

function shareOf(limit = Number.POSITIVE_INFINITY): number {
  return Math.max(1, Math.floor(limit * BATCH_SHARE));
}

/**
 * Two token buckets, one for records and one for bytes, over everything that is sent: each batch takes its turn when it comes and waits until it is due. A turn is
 * given away at once, so batches in flight at the same time share the pace.
 */
export class Pace {
  readonly #limits: PaceLimits;
  readonly #held: () => void;
  readonly #now: () => number;
  readonly #pause: typeof pause;
  /** When the next batch may go out, in milliseconds of the monotonic clock. */
  #due = 0;
  #waiting = 0;
  #waits = 0;
  #waited = 0;

  /** `held` is called when a wait begins. The clock may be another one. */
  constructor(
    limits: PaceLimits,
    held: () => void = () => {},
    now: () => number = () => performance.now(),
    wait: typeof pause = pause,
  ) {
    this.#limits = limits;
    this.#held = held;
    this.#now = now;
    this.#pause = wait;
  }

  /** Batches that wait for their turn. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How often a batch had to wait, and how long all of them did, in milliseconds. */
  get waits(): number {
    return this.#waits;
  }

  get waited(): number {
    return this.#waited;
  }

  /** Waits until a batch may go out. Throws the signal's reason if it is aborted meanwhile. */
  async take(records: number, bytes: number, signal: AbortSignal): Promise<void> {
    const { rate = Number.POSITIVE_INFINITY, rateBytes = Number.POSITIVE_INFINITY } = this.#limits;
    for (;;) {
      const now = this.#now();
      // A target that was slow for a while does not earn a burst: at most the allowance of one batch is saved up.
      const due = Math.max(this.#due, now - MOST_SAVED);
      this.#due = due + 1000 * Math.max(records / rate, bytes / rateBytes);
      if (due <= now) return;
      await this.#wait(due - now, signal);
      // After a standstill of the process the turns of all are over at once: they line up again.
      if (this.#now() - due <= MOST_SAVED) return;
    }
  }

  async #wait(milliseconds: number, signal: AbortSignal): Promise<void> {
    this.#waiting++;
    this.#waits++;
    this.#waited += milliseconds;
    this.#held();
    try {
      await this.#pause(milliseconds, signal);
    } finally {
      this.#waiting--;
    }
    signal.throwIfAborted();
  }
}
