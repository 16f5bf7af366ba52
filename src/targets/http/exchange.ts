import type { Dispatcher } from 'undici';
import type { Answer } from './answer.js';

/** Bytes of an answer that are read at most. */
export const ANSWER_LIMIT = 256 * 1024;

/** One request and its answer. The way that undici tells of them by functions costs least. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: unknown) => void;
  #abort: (() => void) | null = null;
  #aborted = false;
  #status = 0;
  #headers: readonly Buffer[] = [];
  readonly #chunks: Buffer[] = [];
  #length = 0;

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends it: `answer` is rejected unless it is there, and the connection is closed. */
  abort(): void {
    this.#reject(new Error('aborted'));
    this.#aborted = true;
    this.#abort?.();
  }

  onConnect(abort: () => void): void {
    this.#abort = abort;
    if (this.#aborted) abort();
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    this.#status = status;
    this.#headers = headers;
    return true;
  }

  /** What is behind the limit is not waited for: it may have no end. */
  onData(chunk: Buffer): boolean {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    if (this.#length > ANSWER_LIMIT) {
      this.#finish(true);
      this.abort();
    }
    return true;
  }

  onComplete(): void {
    this.#finish(false);
  }

  onError(error: Error): void {
    this.#reject(error);
  }

  #finish(cut: boolean): void {
    const body = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#resolve({
      status: this.#status,
      headers: this.#headers,
      body: body.subarray(0, ANSWER_LIMIT),
      cut,
    });
  }
}
