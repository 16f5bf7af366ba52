import type { TextRecords } from '../../core/records.js';
import { type Exports, instantiate, type Shown, whereItCan } from '../../kernels/kernel.js';
import { FIELD_EXTRA } from './fields.js';
import type { CsvOutput } from './output.js';

/** What `csv-write.as.ts` exports: it tells what each does. */
interface WriteExports extends Exports {
  readonly NULL_TEXT: Shown;
  readonly NULL_TEXT_BYTES: Shown;
  readonly COLUMNS: Shown;
  readonly FIELDS: Shown;
  readonly CHUNK: Shown;
  readonly CHUNK_BYTES: Shown;
  readonly STARTS: Shown;
  readonly ENDS: Shown;
  readonly CELLS: Shown;
  readonly OUTPUT: Shown;
  readonly OUTPUT_BYTES: Shown;
  readonly written: Shown;
  speak(delimiter: number, quote: number, nullTextLength: number, all: boolean, escaped: boolean): void;
  write(first: number, behind: number, width: number, fields: number, base: number): number;
}

/** What is to be written, and how. */
export interface WriteHow {
  readonly records: TextRecords;
  /** For each field of the output the column of the source. */
  readonly from: readonly number[];
  /** True if every field can be copied as it stands, quotes included. */
  readonly alike: boolean;
  /** True if fields with escapes can. */
  readonly escapedAlike: boolean;
}

/**
 * Writes what is usual with vector instructions, in WebAssembly. Records are copied into its memory a chunk at a time, and what it wrote out of it.
 */
export class WriteKernel {
  readonly #exports: WriteExports;
  readonly #nullText: Uint8Array;
  readonly #columns: Uint32Array;
  readonly #chunk: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #output: Buffer;
  #how: WriteHow | null = null;
  /** Bytes, at most, that a record needs: so many for each of its own, and so many besides. */
  #factor = 0;
  #extra = 0;
  /** Records in the chunk. */
  #first = 0;
  #behind = 0;

  /** `chunkBytes`: smaller ones are for tests. */
  constructor(chunkBytes?: number) {
    const exports = instantiate<WriteExports>('csv-write');
    const { buffer } = exports.memory;
    this.#exports = exports;
    this.#nullText = new Uint8Array(buffer, exports.NULL_TEXT.value, exports.NULL_TEXT_BYTES.value);
    this.#columns = new Uint32Array(buffer, exports.COLUMNS.value, exports.FIELDS.value);
    this.#chunk = new Uint8Array(buffer, exports.CHUNK.value, chunkBytes ?? exports.CHUNK_BYTES.value);
    this.#starts = new Uint32Array(buffer, exports.STARTS.value, exports.CELLS.value);
    this.#ends = new Uint32Array(buffer, exports.ENDS.value, exports.CELLS.value);
    this.#output = Buffer.from(buffer, exports.OUTPUT.value, exports.OUTPUT_BYTES.value);
  }

  /** Prepares it for records. False if it cannot help: a delimiter of several bytes, no quotes, quotes that are not doubled, more fields than it has room for. */
  begin(how: WriteHow, { dialect, nullText }: CsvOutput): boolean {
    const { delimiter, quote, escape: escaping } = dialect;
    const { from, alike, escapedAlike } = how;
    if (delimiter.length > 1 || quote < 0 || quote !== escaping) return false;
    if (nullText.length > this.#nullText.length || from.length > this.#columns.length) return false;
    this.#how = how;
    this.#nullText.set(nullText);
    this.#columns.set(from);
    this.#exports.speak(delimiter[0]!, quote, nullText.length, alike, escapedAlike);
    this.#factor = 2 * Math.max(...from.map(column => from.filter(other => other === column).length));
    this.#extra = from.length * (FIELD_EXTRA + nullText.length) + 1;
    this.#first = this.#behind = 0;
    return true;
  }

  /**
   * Writes records from `first` on, until one comes that is larger than a chunk, has a field to be unescaped or may begin with a byte order mark, and answers its
   * index. Nothing of that one is written.
   */
  write(first: number, output: CsvOutput): number {
    const { records, from } = this.#how!;
    let record = first;
    while (record < records.count) {
      if (record >= this.#behind && !this.#load(record)) break;
      const { recordStarts, width } = records;
      const base = recordStarts[this.#first]!;
      const chunkBehind = this.#behind - this.#first;
      const done = this.#exports.write(record - this.#first, chunkBehind, width, from.length, base);
      output.raw(this.#output, 0, this.#exports.written.value);
      record += done;
      if (record < this.#behind) break;
    }
    return record;
  }

  /** Takes the records from `first` on into the chunk, as many as fit; false if none does. */
  #load(first: number): boolean {
    const { bytes, count, width, starts, ends, recordStarts, recordEnds } = this.#how!.records;
    const base = recordStarts[first]!;
    const most = Math.min(count, first + Math.floor(this.#starts.length / width));
    let room = this.#output.length;
    let behind = first;
    for (; behind < most; behind++) {
      const end = recordEnds[behind]!;
      room -= this.#factor * (end - recordStarts[behind]!) + this.#extra;
      if (room < 0 || end - base > this.#chunk.length) break;
    }
    if (behind === first) return false;
    this.#chunk.set(bytes.subarray(base, recordEnds[behind - 1]!));
    this.#starts.set(starts.subarray(first * width, behind * width));
    this.#ends.set(ends.subarray(first * width, behind * width));
    this.#first = first;
    this.#behind = behind;
    return true;
  }
}

/** The kernel of this process; null where there is none, and fields are written one by one. */
export const writeKernel = whereItCan(() => new WriteKernel());
