import type { OutputColumn } from '../../core/columns.js';
import type { TextRecords } from '../../core/records.js';
import type { EncodeRefusal, OutputBuffer } from '../encoder.js';
import { PREFIX_SLACK, type Prefix, prefixOf, viewOf } from './prefix.js';
import { ESCAPED_LENGTH } from './text.js';

/** Where the bytes of a line come from and go to, with views on both for moving several at once. */
export interface Ends {
  readonly records: TextRecords;
  readonly bytes: Buffer;
  readonly source: DataView;
  readonly out: Buffer;
  readonly target: DataView;
}

/** Writes records of text as lines of JSON, one object each; what a cell becomes is the business of those who extend it. */
export abstract class TextLines {
  protected readonly columns: readonly OutputColumn[];
  /** By column: what stands before a value. */
  protected readonly prefixes: readonly Prefix[];
  /** Why the last line was not written. */
  protected fault = '';
  /** A line has at most so many bytes for each byte of its record, and so many besides. */
  readonly #perByte: number;
  readonly #besides: number;

  /** `quoted`: whether the prefix of a column ends with the opening quote of its values. */
  constructor(columns: readonly OutputColumn[], quoted: (column: OutputColumn) => boolean) {
    this.columns = columns;
    this.prefixes = columns.map((column, i) =>
      prefixOf(`${i === 0 ? '{' : ','}${JSON.stringify(column.name)}:${quoted(column) ? '"' : ''}`),
    );
    const uses = columns.map(column => columns.filter(other => other.from === column.from).length);
    this.#perByte = ESCAPED_LENGTH * Math.max(...uses, 1);
    this.#besides = this.prefixes.reduce(
      (sum, prefix) => sum + prefix.length + '"null"'.length,
      PREFIX_SLACK + '{}\n'.length,
    );
  }

  /** Appends a line a record, and nothing of those that it refuses. */
  encode(records: TextRecords, into: OutputBuffer): EncodeRefusal[] {
    const refusals: EncodeRefusal[] = [];
    let ends = endsOf(records, into);
    for (let index = 0; index < records.count; index++) {
      const length = records.recordEnds[index]! - records.recordStarts[index]!;
      const most = length * this.#perByte + this.#besides;
      if (into.bytes.length - into.length < most) {
        into.reserve(most);
        ends = endsOf(records, into);
      }
      const behind = this.line(ends, index * records.width, into.length);
      if (behind >= 0) into.length = behind;
      else refusals.push({ index, reason: 'type', message: this.fault });
    }
    return refusals;
  }

  /** Writes the record whose cells begin at `first`, and answers the offset behind it; -1 and the `fault` if a cell does not fit its declared type. */
  protected abstract line(ends: Ends, first: number, at: number): number;
}

function endsOf(records: TextRecords, into: OutputBuffer): Ends {
  const { bytes } = records;
  return { records, bytes, source: viewOf(bytes), out: into.bytes, target: viewOf(into.bytes) };
}
