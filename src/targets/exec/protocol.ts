/** How a command answered a batch in stream mode. Indices are those of the records as they were sent. */
export type Acknowledgement =
  | { readonly kind: 'ok'; readonly rejected: readonly Rejected[] }
  /** Nothing was accepted; the others may be sent again, after so many milliseconds. */
  | { readonly kind: 'retry'; readonly rejected: readonly Rejected[]; readonly after: number | undefined }
  /** Nothing was accepted, and the command does not know why it should be otherwise next time. */
  | { readonly kind: 'error'; readonly message: string };

/** A record that a command named. */
export interface Rejected {
  readonly index: number;
  readonly message: string;
}

/**
 * Reads the lines that answer one batch: `reject INDEX MESSAGE`, any number of them, then `ok`, `retry [SECONDS]` or `error [MESSAGE]`.
 */
export class AcknowledgementReader {
  readonly #count: number;
  readonly #rejected = new Map<number, Rejected>();

  /** `count`: records that were sent. */
  constructor(count: number) {
    this.#count = count;
  }

  /** Takes a line. Answers the acknowledgement if it ends one, null if more is to come. Throws a TypeError that says what is wrong with it. */
  take(line: string): Acknowledgement | null {
    const [, word, rest = ''] = /^(\S+)(?:\s+(.*?))?\s*$/.exec(line) ?? [];
    const rejected = [...this.#rejected.values()].sort((one, other) => one.index - other.index);
    switch (word) {
      case 'ok':
        if (rest !== '') throw new TypeError('nothing may stand behind ok');
        return { kind: 'ok', rejected };
      case 'retry':
        return { kind: 'retry', rejected, after: millisecondsOf(rest) };
      case 'error':
        return { kind: 'error', message: rest };
      case 'reject':
        this.#reject(rest);
        return null;
      default:
        throw new TypeError('the answer to a batch is ok, retry, reject or error');
    }
  }

  #reject(text: string): void {
    const [, digits, message = ''] = /^(\d+)(?:\s+(.*))?$/.exec(text) ?? [];
    const index = Number(digits);
    if (digits === undefined || index >= this.#count) {
      throw new TypeError(`behind reject stands the index of one of ${this.#count} records, from 0`);
    }
    if (!this.#rejected.has(index))
      this.#rejected.set(index, { index, message: message || 'refused by the command' });
  }
}

function millisecondsOf(seconds: string): number | undefined {
  if (seconds === '') return undefined;
  if (!/^\d+(\.\d+)?$/.test(seconds)) throw new TypeError('behind retry stands a number of seconds');
  return Number(seconds) * 1000;
}
