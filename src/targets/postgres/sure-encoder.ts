import type { Records } from '../../core/records.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { ColumnGuard } from './column-guard.js';
import { CopyEncoder, type EncodedRecords } from './copy-encoder.js';
import type { WriteInto } from './prepare-table.js';
import { ValueLines } from './value-lines.js';

/** Batches in a row that the server might not take whole before no more are looked at for that. */
const MOST_UNSURE = 3;

/** Encodes records for a table that takes every sound row. */
export class SureEncoder {
  readonly #guard: ColumnGuard;
  readonly #encoder: CopyEncoder;
  readonly #lines: ValueLines;
  #unsure = 0;

  constructor({ columns }: WriteInto, dialect: CsvDialect | null) {
    this.#guard = new ColumnGuard(columns);
    this.#encoder = new CopyEncoder(columns, dialect);
    this.#lines = new ValueLines(columns);
  }

  /** The records as the server is sure to take them; null if that cannot be said of all of them. */
  encode(records: Records): EncodedRecords | null {
    if (this.#unsure >= MOST_UNSURE) return null;
    const encoded = records.count === 0 ? null : this.#encodeSure(records);
    this.#unsure = encoded ? 0 : this.#unsure + 1;
    return encoded;
  }

  #encodeSure(records: Records): EncodedRecords | null {
    if (records.form !== 'text') return this.#lines.encode(records) ? this.#lines : null;
    if (this.#guard.check(records).length > 0 || !this.#guard.allSure) return null;
    // No text has room for a NUL.
    const isSure = this.#encoder.encode(records).length === 0 && !this.#encoder.content.includes(0);
    return isSure ? this.#encoder : null;
  }
}
