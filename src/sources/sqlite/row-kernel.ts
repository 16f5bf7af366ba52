import { type Exports, instantiate, type Shown, whereItCan } from '../../kernels/kernel.js';

/** What `json-rows.as.ts` exports: it tells what each does. */
interface RowExports extends Exports {
  readonly CHUNK: Shown;
  readonly CHUNK_BYTES: Shown;
  readonly CELLS: Shown;
  readonly STARTS: Shown;
  readonly ENDS: Shown;
  readonly ROW_STARTS: Shown;
  readonly ROW_ENDS: Shown;
  readonly count: Shown;
  readonly fraction: Shown;
  scan(length: number, most: number, width: number, base: number): number;
}

/** Where the bounds go that {@link RowKernel.scan} finds: see `TextRecords`. With room for them. */
export interface RowBounds {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly recordStarts: Uint32Array;
  readonly recordEnds: Uint32Array;
}

/** Finds the cells of rows that SQLite wrote as arrays of JSON, in WebAssembly. */
export class RowKernel {
  readonly #exports: RowExports;
  readonly #chunk: Uint8Array;
  readonly #starts: Uint32Array;
  readonly #ends: Uint32Array;
  readonly #rowStarts: Uint32Array;
  readonly #rowEnds: Uint32Array;

  /** `chunkBytes`: smaller ones are for tests. */
  constructor(chunkBytes?: number) {
    const exports = instantiate<RowExports>('json-rows');
    const { buffer } = exports.memory;
    const cells = exports.CELLS.value;
    this.#exports = exports;
    this.#chunk = new Uint8Array(buffer, exports.CHUNK.value, chunkBytes ?? exports.CHUNK_BYTES.value);
    this.#starts = new Uint32Array(buffer, exports.STARTS.value, cells);
    this.#ends = new Uint32Array(buffer, exports.ENDS.value, cells);
    this.#rowStarts = new Uint32Array(buffer, exports.ROW_STARTS.value, cells);
    this.#rowEnds = new Uint32Array(buffer, exports.ROW_ENDS.value, cells);
  }

  /**
   * Finds the rows of `width` cells in `bytes[from, end)`, and puts their bounds behind the first `before` of `into`. Answers how many; -1 if one has a number that is no integer, or is longer than a
   * chunk.
   */
  scan(bytes: Buffer, from: number, end: number, width: number, before: number, into: RowBounds): number {
    let rows = before;
    for (let at = from; at < end; ) {
      const length = Math.min(end - at, this.#chunk.length);
      this.#chunk.set(bytes.subarray(at, at + length));
      const next = at + this.#exports.scan(length, Math.floor(this.#starts.length / width), width, at);
      const found = this.#exports.count.value;
      if (found === 0 || this.#exports.fraction.value !== 0) return -1;
      into.starts.set(this.#starts.subarray(0, found * width), rows * width);
      into.ends.set(this.#ends.subarray(0, found * width), rows * width);
      into.recordStarts.set(this.#rowStarts.subarray(0, found), rows);
      into.recordEnds.set(this.#rowEnds.subarray(0, found), rows);
      rows += found;
      at = next;
    }
    return rows - before;
  }
}

/** The kernel of this process; null where there is none, and rows are read value by value. */
export const rowKernel = whereItCan(() => new RowKernel());
