import { isAscii } from 'node:buffer';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { endsRows } from '../../mysql/row-tap.js';

const NULL = CellKind.null << KIND_SHIFT;
const QUOTE = 0x22;
const HEADER = 4;
/** Bytes that a batch of long rows needs: taken at once, for memory that is let go stays with the process for a while. */
const LARGE = 8.5 * 1024 * 1024;
/** Length of a packet that goes on in the next one. */
const WHOLE_PACKET = 0xffffff;
/** Bytes behind the last row, so that words of four bytes can be read up to it. */
const SPARE = 8;
const none: Buffer = Buffer.alloc(0);

/** When a page is full: whichever comes first. */
export interface PageLimits {
  readonly records: number;
  readonly bytes: number;
}

/** `more`: there is room. `full`, `ended`: the rest of the bytes is none of its own. */
export type PageState = 'more' | 'full' | 'ended';

/**
 * Rows of an answer as text records: the bytes as the server sent them, with the bounds of the values in them. The memory is used again.
 */
export class RowPage {
  count = 0;
  readonly #width: number;
  /** By column: the kind of its cells. */
  readonly #kinds: Uint32Array;
  #bytes = Buffer.allocUnsafeSlow(1 << 20);
  /** Bytes that came. */
  #length = 0;
  /** Bytes that are rows of the page. */
  #parsed = 0;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #recordStarts = new Uint32Array(1024);
  #recordEnds = new Uint32Array(1024);

  /** `quoted`: by column, whether its values are texts and not numbers, say. */
  constructor(quoted: readonly boolean[]) {
    this.#width = quoted.length;
    this.#kinds = Uint32Array.from(
      quoted,
      isText => (isText ? CellKind.quoted : CellKind.bare) << KIND_SHIFT,
    );
    this.#starts = new Uint32Array(1024 * this.#width);
    this.#ends = new Uint32Array(1024 * this.#width);
  }

  get bytes(): number {
    return this.#parsed;
  }

  /** What came behind the rows of the page: rows of the next, or the packet that ended the answer. Gone with the next {@link clear}. */
  get rest(): Buffer {
    return this.#bytes.subarray(this.#parsed, this.#length);
  }

  clear(): void {
    this.count = 0;
    this.#length = 0;
    this.#parsed = 0;
  }

  /** Adds bytes of packets, cut anywhere, and finds the rows in them. */
  take(bytes: Buffer, limits: PageLimits): PageState {
    this.#append(bytes);
    for (;;) {
      const at = this.#parsed;
      const end = this.#packetEnd(at);
      if (end === null) return 'more';
      if (endsRows(this.#bytes, at, end - at - HEADER)) return 'ended';
      this.#add(at + HEADER, end);
      this.#parsed = end;
      if (this.count >= limits.records || end >= limits.bytes) return 'full';
    }
  }

  /** The text of a value; null for NULL. */
  value(row: number, column: number): string | null {
    const cell = row * this.#width + column;
    const bounds = this.#ends[cell]!;
    if (bounds >>> KIND_SHIFT === CellKind.null) return null;
    return this.#bytes.toString('utf8', this.#starts[cell], bounds & END_MASK);
  }

  records(): TextRecords {
    return {
      form: 'text',
      syntax: 'csv',
      quote: QUOTE,
      escape: QUOTE,
      bytes: this.#bytes,
      ascii: isAscii(this.count === 0 ? none : this.#bytes.subarray(0, this.#parsed)),
      plain: false,
      count: this.count,
      width: this.#width,
      starts: this.#starts,
      ends: this.#ends,
      recordStarts: this.#recordStarts,
      recordEnds: this.#recordEnds,
    };
  }

  /** One past the packet at `at`; null as long as not all of it is there. A row of several packets is made one of them. */
  #packetEnd(at: number): number | null {
    const bytes = this.#bytes;
    let end = at;
    for (;;) {
      if (this.#length < end + HEADER) return null;
      const length = bytes[end]! | (bytes[end + 1]! << 8) | (bytes[end + 2]! << 16);
      if (end + HEADER + length > this.#length) return null;
      end += HEADER + length;
      if (length < WHOLE_PACKET) break;
    }
    return end - at - HEADER < WHOLE_PACKET ? end : this.#joined(at);
  }

  /** Takes the headers out of a row of several packets, all of which are there, and answers its end. */
  #joined(at: number): number {
    const bytes = this.#bytes;
    let end = at + HEADER + WHOLE_PACKET;
    for (let length = WHOLE_PACKET; length === WHOLE_PACKET; end += length) {
      length = bytes.readUIntLE(end, 3);
      bytes.copyWithin(end, end + HEADER, this.#length);
      this.#length -= HEADER;
    }
    return end;
  }

  #add(start: number, end: number): void {
    if (this.count === this.#recordStarts.length) this.#grow();
    const bytes = this.#bytes;
    const starts = this.#starts;
    const ends = this.#ends;
    const kinds = this.#kinds;
    const width = this.#width;
    let cell = this.count * width;
    let at = start;
    for (let c = 0; c < width; c++, cell++) {
      let length = bytes[at++]!;
      if (length === 0xfb) {
        ends[cell] = NULL;
        continue;
      }
      if (length > 0xfb) {
        const size = length === 0xfc ? 2 : length === 0xfd ? 3 : 6;
        length = bytes.readUIntLE(at, size);
        at += size === 6 ? 8 : size;
      }
      starts[cell] = at;
      at += length;
      ends[cell] = (at | kinds[c]!) >>> 0;
    }
    this.#recordStarts[this.count] = start;
    this.#recordEnds[this.count++] = end;
  }

  #append(bytes: Buffer): void {
    const needed = this.#length + bytes.length + SPARE;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(needed <= LARGE ? LARGE : needed * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#length += bytes.copy(this.#bytes, this.#length);
  }

  #grow(): void {
    this.#starts = doubled(this.#starts);
    this.#ends = doubled(this.#ends);
    this.#recordStarts = doubled(this.#recordStarts);
    this.#recordEnds = doubled(this.#recordEnds);
  }
}

function doubled(array: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
