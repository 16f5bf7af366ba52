import type { RecordTable } from './table.js';

/** Finds records (and cells) in bytes. Knows nothing of files and keeps no state from call to call. */
export interface Scanner {
  readonly syntax: 'csv' | 'json';
  /** CSV: the bytes for quote and escape, -1 for none. JSON: `"` and `\`. */
  readonly quote: number;
  readonly escape: number;
  /**
   * Scans `bytes[from, end)` and puts each complete record into `table`, good or malformed, until the table is full. A record is complete when its line ending
   * was seen (a CR at `end` is not yet one: LF may follow), or when `last` says that nothing follows `end`. Answers
   * the offset behind the last complete record and its line ending: whoever calls goes on from there with more bytes.
   */
  scan(bytes: Buffer, from: number, end: number, last: boolean, table: RecordTable): number;
  /**
   * For a record that is too long to keep: goes on through `bytes[from, end)` and answers the offset behind its line ending, or -1 if it does not end
   * there. `state` is 0 at the record's first byte and belongs to the scanner from then on.
   */
  skip(bytes: Buffer, from: number, end: number, state: SkipState): number;
}

/** What {@link Scanner.skip} remembers between two pieces of one record. */
export interface SkipState {
  value: number;
  /** Line endings passed inside the record. */
  lines: number;
}
