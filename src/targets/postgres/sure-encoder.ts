import type { Records } from '../../core/records.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { ColumnGuard } from './column-guard.js';
import { CopyEncoder, type EncodedRecords } from './copy-encoder.js';
import type { WriteInto } from './prepare-table.js';

/** Batches in a row that the server might not take whole before no more are looked at for that. */
const MOST_UNSURE = 3;

/** Encodes records for a table that takes every sound row. */
export class SureEncoder {
  readonly #guard: ColumnGuard;
  readonly #encoder: CopyEncoder;
  #unsure = 0;

  constructor({ columns }: WriteInto, dialect: CsvDialect | null) {
    this.#guard = new ColumnGuard(columns);
    this.#encoder = new CopyEncoder(columns, dialect);
  }

  /** The records as the server is sure to take them; null if that cannot be said of all of them. */
  encode(records: Records): EncodedRecords | null {
    if (this.#unsure >= MOST_UNSURE) return null;
    const isSure = this.#isSure(records);
    this.#unsure = isSure ? 0 : this.#unsure + 1;
    return isSure ? this.#encoder : null;
  }

  #isSure(records: Records): boolean {
    if (records.count === 0 || this.#guard.check(records).length > 0 || !this.#guard.allSure) return false;
    // No text has room for a NUL.
    return this.#encoder.encode(records).length === 0 && !this.#encoder.content.includes(0);
  }
}
