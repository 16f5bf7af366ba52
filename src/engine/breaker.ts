import { TrancheError } from '../core/errors.js';

/** When a run stops knocking for a while, and when for good. */
export interface BreakerPolicy {
  /** Attempts in a row, over all batches in flight, that fail for transient reasons before it opens. */
  readonly after: number;
  /** Milliseconds that it may stay open before the run gives up. */
  readonly patience: number;
}

/** What a breaker tells of itself. */
export interface BreakerWatch {
  /** It opened, or a probe failed: nothing goes out for so many milliseconds. */
  opened(error: TrancheError, milliseconds: number): void;
  /** An attempt got through. */
  closed(): void;
}

/** Why and for how long nothing goes out. Times of the monotonic clock. */
interface Outage {
  readonly since: number;
  readonly until: number;
  readonly pauses: number;
  readonly last: TrancheError;
  /** The patience is over, and the last probe failed. */
  readonly over: boolean;
}

/** Milliseconds until the first probe, and at most between two: each pause is twice the one before. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/**
 * A circuit breaker (M. Nygard, "Release It!", 2007). After many failures in a row nothing goes out for a while; then one batch is
 * let through as a probe, and if it succeeds all go on.
 */
export class Breaker {
  readonly #policy: BreakerPolicy;
  readonly #watch: BreakerWatch;
  #failures = 0;
  /** While it is open: since when, by the monotonic clock, and until when nothing goes out. */
  #open: Outage | null = null;
  #probing = false;
  /** Wakes everybody who waits for something to change. */
  readonly #sleepers = new Set<() => void>();

  constructor(policy: BreakerPolicy, watch: BreakerWatch) {
    this.#policy = policy;
    this.#watch = watch;
  }

  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** Waits while it is open. Throws `retries_exhausted` once the patience is over, and the signal's reason if that is aborted. */
  async enter(signal: AbortSignal): Promise<void> {
    while (this.#open) {
      signal.throwIfAborted();
      if (this.#open.over) throw this.#gaveUp(this.#open.last);
      const left = this.#open.until - performance.now();
      if (left <= 0 && !this.#probing) {
        this.#probing = true;
        return;
      }
      await this.#sleep(this.#probing ? Number.POSITIVE_INFINITY : left, signal);
    }
  }

  /** The other side answered, be it with a refusal: it is there. */
  answered(): void {
    this.#failures = 0;
    if (!this.#open) return;
    this.#open = null;
    this.#watch.closed();
    this.#change();
  }

  /** An attempt failed for a transient reason. True if the breaker is open now. */
  failed(error: TrancheError): boolean {
    this.#failures++;
    if (this.#open ? this.#probing : this.#failures >= this.#policy.after) this.#pause(error);
    return this.isOpen;
  }

  #pause(last: TrancheError): void {
    const now = performance.now();
    const since = this.#open?.since ?? now;
    const pauses = (this.#open?.pauses ?? 0) + 1;
    const usual = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (pauses - 1));
    const rest = since + this.#policy.patience - now;
    const pause = Math.min(Math.max(usual, last.retryAfter ?? 0), rest);
    this.#open = { since, until: now + pause, pauses, last, over: rest <= 0 };
    if (rest > 0) this.#watch.opened(last, pause);
    this.#change();
  }

  #change(): void {
    this.#probing = false;
    for (const wake of this.#sleepers) wake();
  }

  /** Ends early when something changes or the signal is aborted. */
  async #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await new Promise<void>(resolve => {
      const timer = Number.isFinite(milliseconds) ? setTimeout(resolve, milliseconds) : undefined;
      const wake = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        this.#sleepers.delete(wake);
        resolve();
      };
      signal.addEventListener('abort', wake, { once: true });
      this.#sleepers.add(wake);
    });
  }

  #gaveUp(last: TrancheError): TrancheError {
    const minutes = this.#policy.patience / 60_000;
    const waited =
      minutes >= 1 ? `${Math.round(minutes)} minutes` : `${this.#policy.patience / 1000} seconds`;
    return new TrancheError('retries_exhausted', `gave up after ${waited} without success: ${last.message}`, {
      cause: last,
      hint: last.hint ?? 'go on with --resume when the other side is back; wait longer with --break-for',
    });
  }
}
