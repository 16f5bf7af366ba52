import { isAscii } from 'node:buffer';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';

const NULL = CellKind.null << KIND_SHIFT;
const QUOTE = 0x22;
/** Bytes behind the last row, so that words of four bytes can be read up to it. */
const SPARE = 8;
const none: Buffer = Buffer.alloc(0);

/**
 * Rows of an answer as text records: the bytes as the server sent them, with the bounds of the values in them. The memory is used again.
 */
export class RowPage {
  count = 0;
  readonly #width: number;
  /** By column: the kind of its cells. */
  readonly #kinds: Uint32Array;
  #bytes = Buffer.allocUnsafeSlow(1 << 20);
  #length = 0;
  /** Bytes that are not copied yet. */
  #piece: Buffer = none;
  #pieceStart = 0;
  #pieceEnd = 0;
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
    return this.#length;
  }

  clear(): void {
    this.count = 0;
    this.#length = 0;
    this.#piece = none;
    this.#pieceStart = 0;
    this.#pieceEnd = 0;
  }

  /** Adds a row as the protocol has it. */
  add(from: Buffer, start: number, end: number): void {
    const shift = this.#place(from, start, end);
    if (this.count === this.#recordStarts.length) this.#grow();
    const width = this.#width;
    const first = this.count * width;
    let at = start;
    for (let c = 0; c < width; c++) {
      let length = from[at++]!;
      if (length === 0xfb) {
        this.#ends[first + c] = NULL;
        continue;
      }
      if (length === 0xfc) {
        length = from.readUInt16LE(at);
        at += 2;
      } else if (length === 0xfd) {
        length = from.readUIntLE(at, 3);
        at += 3;
      } else if (length === 0xfe) {
        length = Number(from.readBigUInt64LE(at));
        at += 8;
      }
      this.#starts[first + c] = at + shift;
      at += length;
      this.#ends[first + c] = ((at + shift) | this.#kinds[c]!) >>> 0;
    }
    this.#recordStarts[this.count] = start + shift;
    this.#recordEnds[this.count++] = end + shift;
  }

  /** The text of a value; null for NULL. */
  value(row: number, column: number): string | null {
    const cell = row * this.#width + column;
    const bounds = this.#ends[cell]!;
    if (bounds >>> KIND_SHIFT === CellKind.null) return null;
    return this.#bytes.toString('utf8', this.#starts[cell], bounds & END_MASK);
  }

  /** All rows have been added. */
  records(): TextRecords {
    this.#copyPiece();
    const { count } = this;
    return {
      form: 'text',
      syntax: 'csv',
      quote: QUOTE,
      escape: QUOTE,
      bytes: this.#bytes,
      ascii: isAscii(this.#bytes.subarray(0, this.#length)),
      plain: false,
      count,
      width: this.#width,
      starts: this.#starts,
      ends: this.#ends,
      recordStarts: this.#recordStarts,
      recordEnds: this.#recordEnds,
    };
  }

  /**
   * Notes that bytes belong to the page, and answers what to add to their offsets. Rows that come in one piece stand one behind the other in it, and are copied together when the next
   * piece comes.
   */
  #place(from: Buffer, start: number, end: number): number {
    if (from !== this.#piece || start < this.#pieceEnd) {
      this.#copyPiece();
      this.#piece = from;
      this.#pieceStart = start;
    }
    this.#pieceEnd = end;
    return this.#length - this.#pieceStart;
  }

  #copyPiece(): void {
    const at = this.#length;
    const needed = at + this.#pieceEnd - this.#pieceStart + SPARE;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, at);
      this.#bytes = larger;
    }
    this.#length = at + this.#piece.copy(this.#bytes, at, this.#pieceStart, this.#pieceEnd);
    this.#piece = none;
    this.#pieceStart = 0;
    this.#pieceEnd = 0;
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
