import type { DurableFile } from '../durable/durable-file.js';

const COLLECT_BYTES = 1024 * 1024;
/** From this size on a piece is written as it is: to copy it costs more than a write. */
const LARGE_BYTES = 256 * 1024;

/**
 * Appends to a file in the background, in the order of the calls and one write at a time. Small pieces are collected to 1 MiB, larger ones are
 * written as they are; the next ones are taken in meanwhile. The first failure is thrown by every later call.
 */
export class WriteBehind {
  readonly #file: DurableFile;
  /** Where the next write goes. */
  #position: number;
  #collection: Buffer | null = null;
  #collected = 0;
  /** A collection that was written, to be used again. */
  #spare: Buffer | null = null;
  /** Settles when the last piece is written that was too large to be copied. */
  #borrowed: Promise<void> = Promise.resolve();
  /** Settles, never with an error, when everything handed over is written. */
  #written: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | null = null;

  constructor(file: DurableFile, position: number) {
    this.#file = file;
    this.#position = position;
  }

  /** `bytes` may be reused as soon as the next call answers. */
  async append(bytes: Buffer): Promise<void> {
    this.#check();
    const borrowed = this.#borrowed;
    // Everything up to the first await happens at once, so that calls keep their order.
    if (bytes.length >= LARGE_BYTES) {
      this.#handOver();
      this.#borrowed = this.#write(bytes);
    } else if (this.#collected + bytes.length > COLLECT_BYTES) {
      const before = this.#written;
      this.#handOver();
      this.#collect(bytes);
      await before; // one collection is written, one filled: no more
    } else if (bytes.length > 0) {
      this.#collect(bytes);
    }
    await borrowed;
    this.#check();
  }

  /** Answers when the system has taken everything that was appended before the call. */
  async flush(): Promise<void> {
    this.#handOver();
    await this.#written;
    this.#check();
  }

  /** Answers when no write is under way. What was only collected is dropped. */
  async stop(): Promise<void> {
    this.#collection = null;
    this.#collected = 0;
    await this.#written;
  }

  #collect(bytes: Buffer): void {
    if (this.#collection === null) {
      this.#collection = this.#spare ?? Buffer.allocUnsafeSlow(COLLECT_BYTES);
      this.#spare = null;
    }
    bytes.copy(this.#collection, this.#collected);
    this.#collected += bytes.length;
  }

  #handOver(): void {
    const collection = this.#collection;
    if (collection === null) return;
    const written = this.#write(collection.subarray(0, this.#collected));
    this.#collection = null;
    this.#collected = 0;
    void written.then(() => {
      this.#spare = collection;
    });
  }

  #write(bytes: Buffer): Promise<void> {
    const position = this.#position;
    this.#position += bytes.length;
    this.#written = this.#written.then(async () => {
      if (this.#failure) return; // what comes behind a gap must not be written
      try {
        await this.#file.write(bytes, position);
      } catch (error) {
        this.#failure = { error };
      }
    });
    return this.#written;
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}
