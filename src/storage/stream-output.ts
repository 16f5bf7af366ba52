import type { Writable } from 'node:stream';
import { ioError, systemCode, TrancheError } from '../core/errors.js';
import type { Mark } from '../core/position.js';
import type { Output } from './output.js';

const closedCodes: readonly (string | undefined)[] = [
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
];

/**
 * Appends to a stream, such as standard output. Nothing can be taken back, and durable means handed to the system. Rejects with `output_closed` when
 * the reader is gone. Closing leaves the stream open: it belongs to whoever made it.
 */
export class StreamOutput implements Output {
  readonly #stream: Writable;
  readonly #name: string;
  readonly #whenEmpty: Buffer;
  #bytes: number;
  /** Settles, never with an error, when every write has answered. */
  #written: Promise<void> = Promise.resolve();
  #failure: TrancheError | null = null;

  /** `name` as a person would name it: `stdout`. `mark` of an earlier run, so that bytes are counted on; or null. `whenEmpty` is written at the end if nothing else was. */
  constructor(stream: Writable, name: string, mark: Mark | null, whenEmpty: Buffer = Buffer.alloc(0)) {
    this.#whenEmpty = whenEmpty;
    this.#stream = stream;
    this.#name = name;
    const { bytes } = mark ?? {};
    this.#bytes = typeof bytes === 'number' ? bytes : 0;
    stream.on('error', error => this.#fail(error));
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  mark(): Mark {
    return { bytes: this.#bytes };
  }

  async append(bytes: Buffer): Promise<void> {
    if (this.#failure) throw this.#failure;
    this.#bytes += bytes.length;
    // A stream answers its writes in order: the last one answers for all.
    this.#written = new Promise(resolve => {
      this.#stream.write(bytes, error => {
        if (error) this.#fail(error);
        resolve();
      });
    });
    await this.sync();
  }

  async sync(): Promise<void> {
    await this.#written;
    if (this.#failure) throw this.#failure;
  }

  async close(complete: boolean): Promise<void> {
    if (!complete) return;
    if (this.isEmpty && this.#whenEmpty.length > 0) await this.append(this.#whenEmpty);
    await this.sync();
  }

  #fail(error: unknown): void {
    const code = systemCode(error);
    const details = { operation: 'write', path: this.#name, cause: error };
    this.#failure ??= closedCodes.includes(code)
      ? new TrancheError('output_closed', `${this.#name} was closed by its reader`, details)
      : ioError('write', this.#name, error);
  }
}
