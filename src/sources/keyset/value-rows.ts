import type { Batch, Malformed, RawRecord } from '../../core/batch.js';
import { RAW_LIMIT } from '../../core/batch.js';
import type { Location, Position } from '../../core/position.js';
import type { RowRecords, Value } from '../../core/records.js';
import { jsonText } from '../../formats/csv/json-text.js';
import { asPosition, type KeysetPosition } from './position.js';

/** Rows that a driver gave as values, with positions that are keys. */
export class ValueRows implements Batch {
  readonly start: Position;
  readonly end: Position;
  readonly bytes = 0;
  readonly malformed: readonly Malformed[] = [];
  readonly records: RowRecords;
  readonly #place: string;
  readonly #keyOf: ((index: number) => readonly string[]) | null;
  readonly #before: number;

  /** `keyOf`: the key of a row, each value in the text that a position keeps; null where there is none. */
  constructor(
    rows: readonly (readonly Value[])[],
    place: string,
    keyOf: ((index: number) => readonly string[]) | null,
    start: KeysetPosition,
  ) {
    this.#place = place;
    this.#keyOf = keyOf;
    this.#before = start.record;
    this.records = { form: 'rows', count: rows.length, rows };
    this.start = asPosition(start);
    this.end = rows.length === 0 ? this.start : this.positionAfter(rows.length - 1);
  }

  locate(index: number): Location {
    return { file: this.#place, line: 0, offset: 0, record: this.#before + index + 1 };
  }

  positionAfter(index: number): Position {
    return asPosition({ key: this.#keyOf?.(index) ?? null, record: this.#before + index + 1 });
  }

  bytesBefore(): number {
    return 0;
  }

  /** The row as a JSON array: a driver keeps no other text of it. Binary values stand there as `{"hex": …}`, so that they are told from texts. */
  raw(index: number): RawRecord {
    const values = this.records.rows[index]!.map(value =>
      value instanceof Uint8Array
        ? { hex: Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex') }
        : finite(value),
    );
    const text = Buffer.from(jsonText(values) ?? '');
    return { raw: text.subarray(0, RAW_LIMIT), length: text.length };
  }

  release(): void {}
}

function finite(value: Value): Value {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
