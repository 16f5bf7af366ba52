import { createHash, type Hash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ioError, TrancheError } from '../core/errors.js';
import type { Input } from './input.js';
import { type ResumeInput, type WindableInput, wound } from './resume-input.js';

/** Bytes passed over between two calls of `progressing`. */
const PROGRESS_BYTES = 4 * 1024 * 1024;

/**
 * The bytes of a stream that cannot be sought. Its waypoint is `{sha256}`, the hash of all bytes before the offset that is asked for; on
 * resume the bytes before `offset` are read again and compared with it. Rejects with `source_changed` if they differ or
 * the stream ends before.
 */
export async function openStdinInput(stream: Readable, resume: ResumeInput): Promise<Input> {
  return await wound(new StdinInput(stream), resume);
}

class StdinInput implements WindableInput {
  readonly #stream: Readable;
  /** Of the bytes before `#hashed`. */
  readonly #hash: Hash = createHash('sha256');
  #hashed = 0;
  /** What was read and not hashed yet, since nobody asked for it: in order, from `#hashed` on. */
  #unhashed: Buffer[] = [];
  /** The part of a chunk that did not fit the last read. */
  #rest: Buffer | null = null;
  #failure: Error | null = null;
  #wake: (() => void) | undefined;

  constructor(stream: Readable) {
    this.#stream = stream;
    for (const event of ['readable', 'end', 'close']) stream.on(event, () => this.#wake?.());
    stream.on('error', error => {
      this.#failure = error;
      this.#wake?.();
    });
  }

  async windForward({ offset, waypoint, progressing, signal }: ResumeInput): Promise<void> {
    if (offset === 0) return;
    const { sha256 } = waypoint ?? {};
    for (let at = 0, told = -PROGRESS_BYTES; at < offset; ) {
      signal?.throwIfAborted();
      if (at - told >= PROGRESS_BYTES) {
        progressing('reading stdin forward', at, offset);
        told = at;
      }
      const piece = await this.#take(offset - at);
      if (piece === null) throw changed(`stdin ends at byte ${at}, before byte ${offset} of the checkpoint`);
      at += piece.length;
      this.#hashUpTo(at);
    }
    if (this.waypoint(offset).sha256 !== sha256) {
      throw changed(`the first ${offset} bytes of stdin are not those that were read before`);
    }
    progressing('read stdin forward, the same bytes as before', offset, offset);
  }

  async read(buffer: Buffer, at: number, length: number): Promise<number> {
    const piece = await this.#take(length);
    return piece === null ? 0 : piece.copy(buffer, at);
  }

  waypoint(offset: number): { readonly sha256: string } {
    this.#hashUpTo(offset);
    return { sha256: this.#hash.copy().digest('hex') };
  }

  async close(): Promise<void> {
    this.#stream.destroy();
  }

  #hashUpTo(offset: number): void {
    while (this.#hashed < offset) {
      const piece = this.#unhashed[0];
      if (piece === undefined) throw new RangeError(`byte ${offset} of stdin has not been read yet`);
      const part = piece.subarray(0, offset - this.#hashed);
      this.#hash.update(part);
      this.#hashed += part.length;
      if (part.length === piece.length) this.#unhashed.shift();
      else this.#unhashed[0] = piece.subarray(part.length);
    }
  }

  /** The next bytes, at most `most` of them, as soon as there are any; null at the end. */
  async #take(most: number): Promise<Buffer | null> {
    const chunk = this.#rest ?? (await this.#chunk());
    if (chunk === null) return null;
    const piece = chunk.subarray(0, most);
    this.#rest = piece.length < chunk.length ? chunk.subarray(most) : null;
    this.#unhashed.push(piece);
    return piece;
  }

  async #chunk(): Promise<Buffer | null> {
    const stream = this.#stream;
    for (;;) {
      const chunk: Buffer | null = stream.read();
      if (chunk !== null) return chunk;
      if (this.#failure) throw ioError('read', 'stdin', this.#failure);
      if (stream.readableEnded) return null;
      if (stream.destroyed)
        throw new TrancheError('io', 'stdin was closed before its end', { path: 'stdin' });
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }
}

function changed(message: string): TrancheError {
  return new TrancheError('source_changed', message, {
    operation: 'read',
    path: 'stdin',
    hint: 'feed the same bytes again, or begin again with --fresh',
  });
}
