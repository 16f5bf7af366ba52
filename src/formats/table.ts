import { CellKind, KIND_SHIFT } from '../core/records.js';
import type { MalformedRecord } from './malformed-record.js';

/**
 * The bounds of a batch's records and cells, filled by a scanner: arrays that grow and are used again, since a
 * new array a batch costs more than the scan. `limit` and `byteLimit` say when it is full.
 */
export class RecordTable {
  /** Good records. */
  count = 0;
  readonly width: number;
  starts: Uint32Array;
  ends: Uint32Array;
  recordStarts: Uint32Array;
  recordEnds: Uint32Array;
  /** False once a cell that is neither bare nor null was put in. */
  plain = true;
  /** Line endings inside records (in quotes), so that line numbers can be told. */
  innerLines = 0;
  /** Lines that are no record: blank ones. */
  blankLines = 0;
  malformed: MalformedRecord[] = [];
  /** Records, good and malformed, at which the table is full. */
  limit = 0;
  /** Offset in the scanned bytes: no record is begun at or behind it. The first record of a batch is always begun. */
  byteLimit = 0;

  constructor(width: number, capacity = 1024) {
    this.width = width;
    this.starts = new Uint32Array(capacity * width);
    this.ends = new Uint32Array(capacity * width);
    this.recordStarts = new Uint32Array(capacity);
    this.recordEnds = new Uint32Array(capacity);
  }

  /** Records that fit without {@link grow}. */
  get capacity(): number {
    return this.recordStarts.length;
  }

  /** Forgets the records, keeps the memory. */
  clear(limit: number, byteLimit: number): void {
    this.count = 0;
    this.plain = true;
    this.innerLines = 0;
    this.blankLines = 0;
    this.malformed = [];
    this.limit = limit;
    this.byteLimit = byteLimit;
  }

  /** Doubles the room. */
  grow(): void {
    this.starts = enlarged(this.starts, Math.max(this.width, 1));
    this.ends = enlarged(this.ends, Math.max(this.width, 1));
    this.recordStarts = enlarged(this.recordStarts, 1);
    this.recordEnds = enlarged(this.recordEnds, 1);
  }

  /** Copies record `from` over record `to`. */
  move(from: number, to: number): void {
    if (from === to) return;
    const { width } = this;
    this.starts.copyWithin(to * width, from * width, (from + 1) * width);
    this.ends.copyWithin(to * width, from * width, (from + 1) * width);
    this.recordStarts[to] = this.recordStarts[from]!;
    this.recordEnds[to] = this.recordEnds[from]!;
  }

  /** Moves every bound by `delta`: the scanned bytes were copied to another place. */
  shift(delta: number): void {
    const cells = this.count * this.width;
    for (let i = 0; i < cells; i++) {
      // The bounds of a null are not to be read, and may be anything.
      if (this.ends[i]! >>> KIND_SHIFT === CellKind.null) continue;
      this.starts[i]! += delta;
      this.ends[i]! += delta;
    }
    for (let i = 0; i < this.count; i++) {
      this.recordStarts[i]! += delta;
      this.recordEnds[i]! += delta;
    }
    this.malformed = this.malformed.map(m => ({ ...m, start: m.start + delta, end: m.end + delta }));
    this.byteLimit += delta;
  }
}

function enlarged(array: Uint32Array, least: number): Uint32Array {
  const larger = new Uint32Array(Math.max(array.length * 2, least));
  larger.set(array);
  return larger;
}
