import type { FileHandle } from 'node:fs/promises';
import type { Input } from './input.js';
import { openForReading, readFully } from './open-for-reading.js';

/** The bytes of a local file from `offset` on. Its waypoint is null: the offset is all that is needed to come back. */
export async function openFileInput(path: string, offset: number): Promise<Input> {
  return new FileInput(path, await openForReading(path), offset);
}

/** The bytes `[offset, offset + length)` of a file; fewer where it ends before. */
export async function readSlice(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await openForReading(path);
  try {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, await readFully(file, path, bytes, 0, length, offset));
  } finally {
    await file.close().catch(() => {});
  }
}

class FileInput implements Input {
  readonly #path: string;
  readonly #file: FileHandle;
  #offset: number;

  constructor(path: string, file: FileHandle, offset: number) {
    this.#path = path;
    this.#file = file;
    this.#offset = offset;
  }

  async read(buffer: Buffer, at: number, length: number): Promise<number> {
    const count = await readFully(this.#file, this.#path, buffer, at, length, this.#offset);
    this.#offset += count;
    return count;
  }

  waypoint(): null {
    return null;
  }

  async close(): Promise<void> {
    // Nothing was written: a failure to close takes nothing away.
    await this.#file.close().catch(() => {});
  }
}
