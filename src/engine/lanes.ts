/** Works that go on side by side, at most so many at once. After the first failure none is begun any more. */
export class Lanes {
  readonly #limit: () => number;
  readonly #failing = new AbortController();
  #active = 0;
  /** Called when a work ends. Not a race of all works: each race leaves something behind in those that take long. */
  #waiters: (() => void)[] = [];
  #failure: { readonly error: unknown } | null = null;

  /** `limit` is asked anew for each work. */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Works that are going on. */
  get active(): number {
    return this.#active;
  }

  /** Aborted with the first failure: the others need not wait any longer for what may never come. */
  get signal(): AbortSignal {
    return this.#failing.signal;
  }

  /** Waits until there is a lane. Throws what a work threw. */
  async free(): Promise<void> {
    while (this.#failure === null && this.active >= this.#limit()) await this.#nextEnd();
    this.#throwFailure();
  }

  /** Begins a work and does not wait for its end. */
  begin(work: () => Promise<void>): void {
    this.#active++;
    void work()
      .catch(error => this.#fail(error))
      .finally(() => this.#end());
  }

  /** Waits until all works have ended. Throws what one of them threw. */
  async end(): Promise<void> {
    while (this.active > 0) await this.#nextEnd();
    this.#throwFailure();
  }

  #nextEnd(): Promise<void> {
    return new Promise(resolve => void this.#waiters.push(resolve));
  }

  #end(): void {
    this.#active--;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#failing.abort(error);
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
