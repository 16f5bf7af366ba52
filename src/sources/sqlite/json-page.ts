import { isAscii, isUtf8 } from 'node:buffer';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { cellText } from '../../formats/cells.js';
import type { KeysetPage } from '../keyset/keyset-table.js';

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const BACKSLASH = 0x5c;
const CLOSING = 0x5d;
const SMALL_N = 0x6e;
/** Bytes that a batch of long rows needs: taken at once, for memory that is let go stays with the process for a while. */
const LARGE = 8.5 * 1024 * 1024;
/** Bytes behind the last row, so that words of four bytes can be read up to it. */
const SPARE = 8;
const NULL_LENGTH = 4;

const NULL = CellKind.null << KIND_SHIFT;
const NUMBER = CellKind.number << KIND_SHIFT;
const QUOTED = CellKind.quoted << KIND_SHIFT;
const ESCAPED = CellKind.escaped << KIND_SHIFT;

/** Rows that SQLite wrote as arrays of JSON, a line each, as text records. The memory is used again. */
export class JsonPage implements KeysetPage {
  count = 0;
  readonly #width: number;
  /** By column of the key: its place in a row. */
  readonly #key: readonly number[];
  #bytes: Buffer = Buffer.allocUnsafeSlow(1 << 20);
  #length = 0;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #recordStarts: Uint32Array = new Uint32Array(1024);
  #recordEnds: Uint32Array = new Uint32Array(1024);

  readonly #free: JsonPage[];

  /** `free`: where the page goes when it is released. */
  constructor(width: number, key: readonly number[], free: JsonPage[]) {
    this.#width = width;
    this.#key = key;
    this.#free = free;
    this.#starts = new Uint32Array(1024 * width);
    this.#ends = new Uint32Array(1024 * width);
  }

  get bytes(): number {
    return this.#length;
  }

  get records(): TextRecords {
    return {
      form: 'text',
      syntax: 'json',
      quote: QUOTE,
      escape: BACKSLASH,
      bytes: this.#bytes,
      ascii: isAscii(this.#bytes.subarray(0, this.#length)),
      plain: false,
      count: this.count,
      width: this.#width,
      starts: this.#starts,
      ends: this.#ends,
      recordStarts: this.#recordStarts,
      recordEnds: this.#recordEnds,
    };
  }

  clear(): void {
    this.count = 0;
    this.#length = 0;
  }

  /**
   * Adds lines. False, and nothing is added, if they hold what cannot be told from them: numbers with a fraction, which SQLite writes in its own way, and text that is not UTF-8.
   */
  add(lines: Buffer, count: number): boolean {
    const before = { count: this.count, length: this.#length };
    this.#reserve(lines.length, count);
    this.#length += lines.copy(this.#bytes, this.#length);
    let at = before.length;
    for (let i = 0; i < count && at >= 0; i++) at = this.#row(at);
    if (at >= 0 && isUtf8(lines)) return true;
    this.count = before.count;
    this.#length = before.length;
    return false;
  }

  /** The values of the key, or of these columns. */
  keyOf(index: number, columns = this.#key): readonly string[] {
    return columns.map(column => {
      const cell = index * this.#width + column;
      const isNumber = this.#ends[cell]! >>> KIND_SHIFT === CellKind.number;
      return `${isNumber ? 'i' : 't'}:${cellText(this.records, cell) ?? ''}`;
    });
  }

  /** As JSON, as SQLite wrote it. */
  text(index: number): string {
    return this.#bytes.toString('utf8', this.#recordStarts[index], this.#recordEnds[index]);
  }

  release(): void {
    this.#free.push(this);
  }

  /** Finds the cells of the row at `at`, and answers where the next one begins; -1 for a number with a fraction. */
  #row(at: number): number {
    const bytes = this.#bytes;
    const starts = this.#starts;
    const ends = this.#ends;
    const first = this.count * this.#width;
    let i = at + 1;
    for (let cell = first; cell < first + this.#width; cell++, i++) {
      const byte = bytes[i]!;
      if (byte === QUOTE) {
        const start = ++i;
        let kind = QUOTED;
        for (let next = bytes[i]!; next !== QUOTE; next = bytes[++i]!) {
          if (next !== BACKSLASH) continue;
          kind = ESCAPED;
          i++;
        }
        starts[cell] = start;
        ends[cell] = (i++ | kind) >>> 0;
      } else if (byte === SMALL_N) {
        ends[cell] = NULL;
        i += NULL_LENGTH;
      } else {
        starts[cell] = i;
        if (byte === MINUS) i++;
        for (let next = bytes[i]!; next !== COMMA && next !== CLOSING; next = bytes[++i]!) {
          if (next < 0x30 || next > 0x39) return -1;
        }
        ends[cell] = (i | NUMBER) >>> 0;
      }
    }
    this.#recordStarts[this.count] = at;
    this.#recordEnds[this.count++] = i;
    return i + 1;
  }

  #reserve(bytes: number, count: number): void {
    const length = this.#length + bytes + SPARE;
    if (length > END_MASK) throw new RangeError('a page has less than 512 MiB');
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(length <= LARGE ? LARGE : length * 2);
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    while (this.count + count > this.#recordStarts.length) {
      this.#starts = doubled(this.#starts);
      this.#ends = doubled(this.#ends);
      this.#recordStarts = doubled(this.#recordStarts);
      this.#recordEnds = doubled(this.#recordEnds);
    }
  }
}

function doubled(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
