import type { JsonObject } from '../core/json.js';
import type { Decoder } from './decoder.js';
import type { Input } from './input.js';
import { SingleByteDecoder } from './single-byte-decoder.js';
import { Utf16Decoder } from './utf16-decoder.js';

/** Encodings that are read as UTF-8. `utf-16` is little-endian unless a byte order mark says otherwise. */
export type Encoding = 'latin1' | 'windows-1252' | 'utf-16' | 'utf-16le' | 'utf-16be';

const RAW_BYTES = 64 * 1024;

/**
 * Reads an input of another encoding as UTF-8. Offsets, those of waypoints too, are offsets in the raw bytes.
 * What is no character comes out as bytes that are not valid UTF-8, so that whoever checks finds it: nothing is replaced.
 * A byte order mark is left in, as U+FEFF.
 */
export class TranscodeInput implements Input {
  readonly #raw: Input;
  readonly #decoder: Decoder;
  /** `[0, #rawEnd)` was read and not decoded yet: at most half a character between two reads. */
  readonly #rawBytes = Buffer.allocUnsafe(RAW_BYTES);
  #rawEnd = 0;
  /** `[#start, #end)` was decoded and not handed out yet. */
  readonly #text: Buffer;
  #start = 0;
  #end = 0;
  #ended = false;

  /** `raw` stands at `offset`, a boundary between characters; `waypoint` is what {@link waypoint} answered for it, null at the beginning. */
  constructor(raw: Input, encoding: Encoding, offset: number, waypoint: JsonObject | null) {
    this.#raw = raw;
    this.#decoder = decoderOf(encoding, offset, waypoint);
    this.#text = Buffer.allocUnsafe(RAW_BYTES * this.#decoder.growth);
  }

  async read(buffer: Buffer, at: number, length: number): Promise<number> {
    while (this.#start === this.#end && !this.#ended) await this.#decode();
    const count = this.#text.copy(buffer, at, this.#start, Math.min(this.#end, this.#start + length));
    this.#start += count;
    return count;
  }

  /** Raw bytes that `utf8[start, end)`, a part of what was read, was made of; both bounds between characters. */
  rawLength(utf8: Buffer, start: number, end: number): number {
    return this.#decoder.rawLength(utf8, start, end);
  }

  /** That of the raw input, with the byte order where the encoding has one; the raw input's own opening ignores it. */
  waypoint(offset: number): JsonObject | null {
    const { byteOrder } = this.#decoder;
    const raw = this.#raw.waypoint(offset);
    return byteOrder === null ? raw : { ...raw, byteOrder };
  }

  close(): Promise<void> {
    return this.#raw.close();
  }

  async #decode(): Promise<void> {
    const raw = this.#rawBytes;
    const count = await this.#raw.read(raw, this.#rawEnd, raw.length - this.#rawEnd);
    this.#ended = count === 0;
    this.#rawEnd += count;
    const { used, filled } = this.#decoder.decode(raw.subarray(0, this.#rawEnd), this.#ended, this.#text);
    raw.copyWithin(0, used, this.#rawEnd);
    this.#rawEnd -= used;
    this.#start = 0;
    this.#end = filled;
  }
}

function decoderOf(encoding: Encoding, offset: number, waypoint: JsonObject | null): Decoder {
  switch (encoding) {
    case 'latin1':
    case 'windows-1252':
      return new SingleByteDecoder(encoding);
    case 'utf-16': {
      const { byteOrder } = waypoint ?? {};
      return new Utf16Decoder(byteOrder === 'be' ? 'be' : 'le', offset === 0);
    }
    case 'utf-16le':
    case 'utf-16be':
      return new Utf16Decoder(encoding === 'utf-16be' ? 'be' : 'le', false);
    default:
      return encoding satisfies never;
  }
}
