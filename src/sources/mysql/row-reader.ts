import type { Connection } from '../../mysql/driver.js';
import type { RowSink } from '../../mysql/row-tap.js';
import type { PageLimits, RowPage } from './row-page.js';

/** Bytes of pages that wait for somebody, besides the one that is being filled: enough for the server never to wait for a page to be written. */
const MOST_WAITING = 1 << 20;

/** Cuts the answer to a query into pages while it comes, and lets the server wait where nobody takes them. */
export class RowReader implements RowSink {
  readonly #connection: Connection;
  readonly #limits: PageLimits;
  readonly #make: () => RowPage;
  #filling: RowPage;
  readonly #waiting: RowPage[] = [];
  #ended = false;
  #error: unknown = null;
  #wake: (() => void) | null = null;

  /** `make` gives an empty page. */
  constructor(connection: Connection, limits: PageLimits, make: () => RowPage) {
    this.#connection = connection;
    this.#limits = limits;
    this.#make = make;
    this.#filling = make();
  }

  /** Whether the server has nothing more to say. */
  get hasEnded(): boolean {
    return this.#ended;
  }

  /** Asks; the pages come from {@link next}. */
  begin(sql: string, signal: AbortSignal): void {
    this.#connection
      .rows(sql, this, signal)
      .catch((error: unknown) => {
        this.#error = error;
      })
      .finally(() => {
        this.#ended = true;
        this.#wake?.();
      });
  }

  /** The next page, which has rows; null behind the last. Throws what the query ended with. */
  async next(): Promise<RowPage | null> {
    while (this.#waiting.length === 0 && !this.#ended) {
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
    this.#wake = null;
    const page = this.#waiting.shift();
    if (page) {
      if (!this.#ended) this.#connection.flow(true);
      return page;
    }
    if (this.#error !== null) throw this.#error;
    return null;
  }

  take(bytes: Buffer): Buffer | null {
    for (let rest = bytes; ; ) {
      const page = this.#filling;
      const state = page.take(rest, this.#limits);
      if (state === 'more') return null;
      rest = page.rest;
      if (page.count > 0) this.#push(page);
      if (state === 'ended') return rest;
      this.#filling = this.#make();
    }
  }

  #push(page: RowPage): void {
    this.#waiting.push(page);
    if (this.#bytesWaiting() > MOST_WAITING) this.#connection.flow(false);
    this.#wake?.();
  }

  #bytesWaiting(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }
}
