import type { FileHandle } from 'node:fs/promises';
import { readFully } from './open-for-reading.js';

/** A stretch of a file in memory that moves forward: for parsers that look at a few bytes before they take them. */
export class ByteWindow {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #buffer: Buffer;
  #start = 0;
  #end = 0;
  #position: number;

  constructor(path: string, file: FileHandle, position: number, capacity: number) {
    this.path = path;
    this.#file = file;
    this.#position = position;
    this.#buffer = Buffer.allocUnsafe(capacity);
  }

  /** Offset in the file of the first byte not taken yet. */
  get at(): number {
    return this.#position - (this.#end - this.#start);
  }

  /** What is in memory and not taken yet. Overwritten by {@link ensure}. */
  get bytes(): Buffer {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** Has at least `count` bytes in memory (`count` up to the capacity); false if the file ends before. */
  async ensure(count: number): Promise<boolean> {
    if (this.#end - this.#start >= count) return true;
    this.#buffer.copyWithin(0, this.#start, this.#end);
    this.#end -= this.#start;
    this.#start = 0;
    const room = this.#buffer.length - this.#end;
    const got = await readFully(this.#file, this.path, this.#buffer, this.#end, room, this.#position);
    this.#end += got;
    this.#position += got;
    return this.#end >= count;
  }

  /** Takes `count` bytes, which must be in memory. */
  skip(count: number): void {
    this.#start += count;
  }

  async close(): Promise<void> {
    // Nothing was written: a failure to close takes nothing away.
    await this.#file.close().catch(() => {});
  }
}
