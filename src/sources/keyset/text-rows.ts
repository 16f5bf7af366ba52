import type { Batch, Malformed, RawRecord } from '../../core/batch.js';
import { TrancheError } from '../../core/errors.js';
import type { Location, Position } from '../../core/position.js';
import type { TextRecords } from '../../core/records.js';
import { cellText } from '../../formats/cells.js';
import type { TextBatch } from '../file/text-batch.js';
import { asPosition, type KeysetPosition } from './position.js';

/** Rows that a server wrote as text, with positions that are keys. */
export class TextRows implements Batch {
  readonly start: Position;
  readonly end: Position;
  readonly bytes = 0;
  readonly malformed: readonly Malformed[] = [];
  readonly records: TextRecords;
  readonly #text: TextBatch;
  readonly #place: string;
  readonly #key: readonly number[] | null;
  readonly #before: number;

  /** `key`: the columns of the key. `native`: see `TextRecords`. Throws `source_unreadable` for what is no row: of that no key is known. */
  constructor(
    text: TextBatch,
    place: string,
    key: readonly number[] | null,
    native: readonly string[],
    start: KeysetPosition,
  ) {
    const [bad] = text.malformed;
    if (bad) {
      throw new TrancheError(
        'source_unreadable',
        `${place}: row ${start.record + bad.before + 1}: ${bad.message}`,
      );
    }
    this.#text = text;
    this.#place = place;
    this.#key = key;
    this.#before = start.record;
    this.records = { ...text.records, native };
    this.start = asPosition(start);
    this.end = this.records.count === 0 ? this.start : this.positionAfter(this.records.count - 1);
  }

  locate(index: number): Location {
    return { file: this.#place, line: 0, offset: 0, record: this.#before + index + 1 };
  }

  positionAfter(index: number): Position {
    const first = index * this.records.width;
    const key = this.#key?.map(column => cellText(this.records, first + column) ?? '') ?? null;
    return asPosition({ key, record: this.#before + index + 1 });
  }

  bytesBefore(): number {
    return 0;
  }

  raw(index: number): RawRecord {
    return this.#text.raw(index);
  }

  release(): void {
    this.#text.release();
  }
}
