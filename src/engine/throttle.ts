/** Share of the limit that is left after a sign of overload. */
const DECREASE = 0.5;
/** How many times the least latency means that the other side is queueing. */
const SLOW = 2;
/** Weight of a new measurement in the smoothed latency. */
const SMOOTHING = 0.2;
/** How fast the least latency is forgotten, a round: what was fast yesterday is no measure for today, but a queue that builds up must not become one. */
const FORGETTING = 1.005;

/**
 * How many batches may be in flight. Adaptive: it grows by one a round of successes and is halved when attempts fail or take twice as long as at best,
 * once a round: additive increase, multiplicative decrease (D.-M. Chiu and R. Jain, 1989), with the latency as an early sign, as in TCP Vegas
 * (L. Brakmo and L. Peterson, 1995). It begins with one and doubles each round until the first decrease, as TCP does (V. Jacobson, 1988).
 */
export class Throttle {
  readonly #most: number;
  readonly #adaptive: boolean;
  #limit: number;
  #latency = 0;
  #least = Number.POSITIVE_INFINITY;
  /** Answers still to come that were sent before the last decrease: they say nothing new. */
  #stale = 0;
  /** Until the first decrease the limit doubles with each round. */
  #searching = true;

  constructor(most: number, adaptive: boolean) {
    this.#most = most;
    this.#adaptive = adaptive;
    this.#limit = adaptive ? 1 : most;
  }

  get limit(): number {
    return Math.floor(this.#limit);
  }

  /** An attempt went through in so many milliseconds. */
  succeeded(milliseconds: number): void {
    if (!this.#adaptive || this.#isStale()) return;
    this.#latency += (milliseconds - this.#latency) * (this.#latency === 0 ? 1 : SMOOTHING);
    this.#least = Math.min(this.#least * FORGETTING ** (1 / this.#limit), milliseconds);
    if (this.#limit > 1 && this.#latency > this.#least * SLOW) this.#decrease();
    else this.#limit = Math.min(this.#most, this.#limit + (this.#searching ? 1 : 1 / this.#limit));
  }

  /** An attempt failed for a transient reason: overload, most likely. */
  failed(): void {
    if (this.#adaptive && !this.#isStale()) this.#decrease();
  }

  #isStale(): boolean {
    if (this.#stale === 0) return false;
    this.#stale--;
    return true;
  }

  #decrease(): void {
    this.#searching = false;
    this.#stale = this.limit - 1;
    this.#limit = Math.max(1, this.#limit * DECREASE);
    // The queue has to drain before the latency means anything again.
    this.#latency = 0;
  }
}
