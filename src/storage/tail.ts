import { createHash } from 'node:crypto';

/** The last bytes before the end of an output: what a resume compares to know the file again. */
export class Tail {
  static readonly BYTES = 4096;
  readonly #bytes = Buffer.allocUnsafe(Tail.BYTES);
  #length = 0;

  push(bytes: Buffer): void {
    const last = bytes.subarray(Math.max(0, bytes.length - Tail.BYTES));
    const kept = Math.min(this.#length, Tail.BYTES - last.length);
    this.#bytes.copyWithin(0, this.#length - kept, this.#length);
    last.copy(this.#bytes, kept);
    this.#length = kept + last.length;
  }

  /** SHA-256 (hex). */
  hash(): string {
    return createHash('sha256').update(this.#bytes.subarray(0, this.#length)).digest('hex');
  }
}
