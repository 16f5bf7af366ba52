import { crc32 } from 'node:zlib';
import { TrancheError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import { ByteWindow } from './byte-window.js';
import { atGzipMember, damaged, need, skipGzipHeader, TRAILER_BYTES, truncated } from './gzip-header.js';
import { Inflater } from './inflater.js';
import type { Input } from './input.js';
import { type Member, MemberIndex } from './member-index.js';
import { openForReading } from './open-for-reading.js';
import { type ResumeInput, type WindableInput, wound } from './resume-input.js';

const WINDOW_BYTES = 256 * 1024;
/** Decompressed bytes between two calls of `progressing`. */
const PROGRESS_BYTES = 4 * 1024 * 1024;

/**
 * The uncompressed bytes of a gzip file, from `offset` on: seeks to the member of the waypoint and decompresses from there. Any
 * number of members, each checked against its CRC-32 and length, when its last byte is read: a stream cannot know earlier.
 *
 * Its waypoint is the {@link Member} to begin with. Rejects with `source_unreadable` for a file that is truncated, damaged or followed by
 * something else than zeros, and with `source_changed` if the file ends before `offset`.
 */
export async function openGzipInput(path: string, resume: ResumeInput): Promise<Input> {
  const { at, offset } = memberOf(resume);
  const window = new ByteWindow(path, await openForReading(path), at, WINDOW_BYTES);
  return await wound(new GzipInput(window, offset), resume);
}

function memberOf({ offset, waypoint }: ResumeInput): Member {
  const member = { at: Number(waypoint?.['at']), offset: Number(waypoint?.['offset']) };
  return member.at >= 0 && member.offset <= offset ? member : { at: 0, offset: 0 };
}

class GzipInput implements WindableInput {
  readonly #window: ByteWindow;
  readonly #index: MemberIndex;
  /** Decompressed and not handed out yet. */
  #ready: Buffer | null = null;
  /** Uncompressed offset behind everything decompressed. */
  #decoded: number;
  #inflater: Inflater | null = null;
  /** Bytes of the window that the inflater has in hand, and those it had before. */
  #fed = 0;
  #fedBefore = 0;
  #crc = 0;
  #length = 0;
  #failure: unknown;

  constructor(window: ByteWindow, offset: number) {
    this.#window = window;
    this.#decoded = offset;
    this.#index = new MemberIndex({ at: window.at, offset });
  }

  async windForward({ offset, progressing, signal }: ResumeInput): Promise<void> {
    const start = this.#decoded;
    let at = start;
    for (let told = start; at < offset; ) {
      signal?.throwIfAborted();
      if (at === start || at - told >= PROGRESS_BYTES) {
        progressing(`winding forward ${this.#window.path}`, at - start, offset - start);
        told = at;
      }
      const piece = await this.#next();
      if (piece === null) throw this.#tooShort(at, offset);
      if (piece.length > offset - at) this.#ready = piece.subarray(offset - at);
      at = Math.min(at + piece.length, offset);
    }
    if (at > start) progressing(`wound forward ${this.#window.path}`, at - start, offset - start);
  }

  async read(buffer: Buffer, at: number, length: number): Promise<number> {
    let done = 0;
    try {
      while (done < length && this.#failure === undefined) {
        const piece = await this.#next();
        if (piece === null) break;
        const copied = piece.copy(buffer, at + done, 0, length - done);
        if (copied < piece.length) this.#ready = piece.subarray(copied);
        done += copied;
      }
    } catch (error) {
      this.#failure = error;
    }
    // What was decompressed before the failure is handed out first.
    if (done === 0 && this.#failure !== undefined) throw this.#failure;
    return done;
  }

  waypoint(offset: number): JsonObject {
    return { ...this.#index.newest(offset) };
  }

  async close(): Promise<void> {
    this.#inflater?.close();
    await this.#window.close();
  }

  /** The next decompressed piece; null at the end of the file. */
  async #next(): Promise<Buffer | null> {
    let piece = this.#ready;
    this.#ready = null;
    while (piece === null) {
      if (this.#inflater !== null) piece = await this.#inflate(this.#inflater);
      else if (await atGzipMember(this.#window)) await this.#beginMember();
      else break;
    }
    return piece;
  }

  async #beginMember(): Promise<void> {
    await skipGzipHeader(this.#window);
    this.#inflater = new Inflater();
    this.#fed = 0;
    this.#fedBefore = 0;
    this.#crc = 0;
    this.#length = 0;
  }

  /** A piece, or null if there was something else to do first. */
  async #inflate(inflater: Inflater): Promise<Buffer | null> {
    const piece = await this.#pieceOf(inflater);
    if (piece === 'hungry') await this.#feed(inflater);
    else if (piece === 'ended') await this.#endMember(inflater);
    else return this.#counted(piece);
    return null;
  }

  async #pieceOf(inflater: Inflater): Promise<Buffer | 'hungry' | 'ended'> {
    try {
      return await inflater.next();
    } catch (error) {
      const at = this.#window.at - this.#fedBefore + inflater.consumed;
      throw damaged(this.#window, at, `it cannot be decompressed (${(error as Error).message})`, error);
    }
  }

  async #feed(inflater: Inflater): Promise<void> {
    const window = this.#window;
    window.skip(this.#fed);
    this.#fedBefore += this.#fed;
    this.#fed = 0;
    if (!(await window.ensure(1))) throw truncated(window);
    this.#fed = window.bytes.length;
    inflater.feed(window.bytes);
  }

  async #endMember(inflater: Inflater): Promise<void> {
    const window = this.#window;
    window.skip(inflater.consumed - this.#fedBefore);
    await need(window, TRAILER_BYTES);
    const crc = window.bytes.readUInt32LE(0);
    const length = window.bytes.readUInt32LE(4);
    if (crc !== this.#crc) throw damaged(window, window.at, 'the checksum of the data before it is wrong');
    if (length !== this.#length % 2 ** 32)
      throw damaged(window, window.at, 'the length of the data before it is wrong');
    window.skip(TRAILER_BYTES);
    inflater.close();
    this.#inflater = null;
    this.#index.add({ at: window.at, offset: this.#decoded });
  }

  #counted(piece: Buffer): Buffer {
    this.#crc = crc32(piece, this.#crc);
    this.#length += piece.length;
    this.#decoded += piece.length;
    return piece;
  }

  #tooShort(at: number, offset: number): TrancheError {
    const { path } = this.#window;
    const message = `${path} ends at uncompressed byte ${at}, before byte ${offset} of the checkpoint`;
    return new TrancheError('source_changed', message, {
      operation: 'read',
      path,
      hint: '--on-change restart or --fresh begins again',
    });
  }
}
