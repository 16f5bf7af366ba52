import type { Client } from 'undici';
import { Exchange, type ExchangeEnd } from './exchange.js';

/** What is the same in all requests. */
export interface RequestForm {
  readonly method: 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  /** Names and values by turns. */
  readonly headers: readonly string[];
}

/** A connection with one request at a time; made anew by itself where it was lost. */
export class Lane {
  readonly #client: Client;
  readonly #form: RequestForm;
  /** The last one is the key. A list that is used again: undici copies it. */
  readonly #headers: string[];
  #exchange: Exchange | null = null;

  constructor(client: Client, form: RequestForm) {
    this.#client = client;
    this.#form = form;
    this.#headers = [...form.headers, 'idempotency-key', ''];
  }

  /** `end` is told of the answer. */
  send(key: string, body: Buffer, end: ExchangeEnd): void {
    const exchange = new Exchange(end);
    this.#exchange = exchange;
    // A string of RFC 8941, as the draft of the header has it.
    this.#headers[this.#headers.length - 1] = `"${key}"`;
    const { method, path } = this.#form;
    this.#client.dispatch({ method, path, headers: this.#headers, body }, exchange);
  }

  /** Ends the request under way, if there is one. */
  abort(): void {
    this.#exchange?.abort();
  }

  async close(): Promise<void> {
    await this.#client.destroy();
  }
}
