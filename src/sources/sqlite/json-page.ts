import { isAscii, isUtf8 } from 'node:buffer';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { cellText } from '../../formats/cells.js';
import type { KeysetPage } from '../keyset/keyset-table.js';
import type { RowKernel } from './row-kernel.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Bytes that a batch of long rows needs: taken at once, for memory that is let go stays with the process for a while. */
const LARGE = 8.5 * 1024 * 1024;
/** Bytes behind the last row, so that words of four bytes can be read up to it. */
const SPARE = 8;

/** Rows that SQLite wrote as arrays of JSON, a line each, as text records. The memory is used again. */
export class JsonPage implements KeysetPage {
  count = 0;
  readonly #width: number;
  readonly #kernel: RowKernel;
  /** By column of the key: its place in a row. */
  readonly #key: readonly number[];
  #bytes: Buffer = Buffer.allocUnsafeSlow(1 << 20);
  #length = 0;
  #ascii = true;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #recordStarts: Uint32Array = new Uint32Array(1024);
  #recordEnds: Uint32Array = new Uint32Array(1024);

  readonly #free: JsonPage[];

  /** `free`: where the page goes when it is released. */
  constructor(kernel: RowKernel, width: number, key: readonly number[], free: JsonPage[]) {
    this.#kernel = kernel;
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
      ascii: this.#ascii,
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
    this.#ascii = true;
  }

  /**
   * Adds lines. False, and nothing is added, if they hold what cannot be told from them: numbers with a fraction, which SQLite writes in its own way, and text that is not UTF-8.
   */
  add(lines: Buffer, count: number): boolean {
    const from = this.#length;
    this.#reserve(lines.length, count);
    lines.copy(this.#bytes, from);
    const bounds = {
      starts: this.#starts,
      ends: this.#ends,
      recordStarts: this.#recordStarts,
      recordEnds: this.#recordEnds,
    };
    const rows = this.#kernel.scan(this.#bytes, from, from + lines.length, this.#width, this.count, bounds);
    const ascii = isAscii(lines);
    if (rows < 0 || !(ascii || isUtf8(lines))) return false;
    if (!ascii) this.#ascii = false;
    this.#length += lines.length;
    this.count += rows;
    return true;
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
