import type { Dispatcher } from 'undici';
import type { Answer } from './answer.js';

/** Bytes of an answer that are read at most. */
export const ANSWER_LIMIT = 256 * 1024;

const noHeaders: readonly Buffer[] = [];
const nothing = Buffer.alloc(0);

/** Who is told how an exchange ends: of one of the two, once. */
export interface ExchangeEnd {
  answered(answer: Answer): void;
  /** With the error of the network, or that it was aborted. */
  failed(error: unknown): void;
}

/** One request and its answer. The way that undici tells of them by functions costs least, and so do functions that are told. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #end: ExchangeEnd;
  #abort: (() => void) | null = null;
  #aborted = false;
  #over = false;
  #status = 0;
  #headers: readonly Buffer[] = noHeaders;
  /** The body comes in one piece, as a rule. */
  #first: Buffer = nothing;
  #rest: Buffer[] | null = null;
  #length = 0;

  constructor(end: ExchangeEnd) {
    this.#end = end;
  }

  /** Ends it: the connection is closed. Nothing happens if the answer is there. */
  abort(): void {
    if (this.#over) return;
    this.#aborted = true;
    this.#fail(new Error('aborted'));
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
    if (this.#length === 0) this.#first = chunk;
    else if (this.#rest === null) this.#rest = [chunk];
    else this.#rest.push(chunk);
    this.#length += chunk.length;
    if (this.#length > ANSWER_LIMIT) this.#finish(true);
    return true;
  }

  onComplete(): void {
    this.#finish(false);
  }

  onError(error: Error): void {
    this.#fail(error);
  }

  #fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#end.failed(error);
  }

  #finish(cut: boolean): void {
    if (this.#over) return;
    this.#over = true;
    if (cut) this.#abort?.();
    const body = this.#rest ? Buffer.concat([this.#first, ...this.#rest]) : this.#first;
    this.#end.answered({
      status: this.#status,
      headers: this.#headers,
      body: cut ? body.subarray(0, ANSWER_LIMIT) : body,
      cut,
    });
  }
}
