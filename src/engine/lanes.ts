/** Works that go on side by side, at most so many at once. After the first failure none is begun any more. */
export class Lanes {
  readonly #limit: () => number;
  readonly #failing = new AbortController();
  readonly #active = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  /** `limit` is asked anew for each work. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Works that are going on. */
  get active(): number {
    return this.#active.size;
  }

  /** Aborted with the first failure: the others need not wait any longer for what may never come. */
  get signal(): AbortSignal {
    return this.#failing.signal;
  }

  /** Waits until there is a lane. Throws what a work threw. */
  async free(): Promise<void> {
    while (this.#failure === null && this.active >= this.#limit()) await Promise.race(this.#active);
    this.#throwFailure();
  }

  /** Begins a work and does not wait for its end. */
  begin(work: () => Promise<void>): void {
    const running = work()
      .catch(error => this.#fail(error))
      .finally(() => this.#active.delete(running));
    this.#active.add(running);
  }

  /** Waits until all works have ended, however they end. */
  async settle(): Promise<void> {
    while (this.active > 0) await Promise.race(this.#active);
  }

  /** Waits until all works have ended. Throws what one of them threw. */
  async end(): Promise<void> {
    await this.settle();
    this.#throwFailure();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#failing.abort(error);
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
