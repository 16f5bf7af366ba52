import { type Batch, RAW_LIMIT, type RawRecord } from '../../core/batch.js';
import type { Location, Position } from '../../core/position.js';
import type { Records } from '../../core/records.js';
import type { KeysetPage } from './keyset-table.js';
import { asKeysetPosition, asPosition, type KeysetPosition } from './position.js';

/** A page of rows as a batch. */
export class KeysetBatch implements Batch {
  readonly start: Position;
  readonly end: Position;
  readonly malformed = [];
  readonly #page: KeysetPage;
  readonly #from: KeysetPosition;
  readonly #name: string;

  constructor(page: KeysetPage, from: KeysetPosition, name: string) {
    this.#page = page;
    this.#from = from;
    this.#name = name;
    this.start = asPosition(from);
    const { count } = page.records;
    this.end = count === 0 ? this.start : this.positionAfter(count - 1);
  }

  get bytes(): number {
    return this.#page.bytes;
  }

  get records(): Records {
    return this.#page.records;
  }

  locate(index: number): Location {
    return { file: this.#name, line: 0, offset: 0, record: this.#from.record + index + 1 };
  }

  positionAfter(index: number): Position {
    return asPosition({ key: this.#page.keyOf(index), record: this.#from.record + index + 1 });
  }

  /** Where the rows of a page begin and end in it is not known: its bytes count with its last row. */
  bytesBefore(position: Position): number {
    return asKeysetPosition(position).record < asKeysetPosition(this.end).record ? 0 : this.bytes;
  }

  raw(index: number): RawRecord {
    const raw = Buffer.from(this.#page.text(index));
    return { raw: raw.subarray(0, RAW_LIMIT), length: raw.length };
  }

  release(): void {
    this.#page.release();
  }
}
