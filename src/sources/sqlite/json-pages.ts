import type { Column } from '../../core/columns.js';
import type { BatchLimits } from '../../core/source.js';
import { type Database, quoteIdentifier, type Statement } from '../../sqlite/driver.js';
import { JsonPage } from './json-page.js';
import { keyValue } from './key-text.js';
import { type RowKernel, rowKernel } from './row-kernel.js';
import type { SqliteShape } from './shape.js';

/** Rows and bytes that SQLite joins at a time: more are not faster. */
const MOST_ROWS = 1000;
const MOST_BYTES = 256 * 1024;
/** Bytes of a row that is not joined with others: with all of them as long, a join takes 16 MB. */
const LONG_ROW = 16 * 1024;
/** Arguments of a function of SQLite. */
const MOST_ARGUMENTS = 100;

type Joined = readonly [lines: Buffer | null, rows: number, joined: number];

/**
 * Reads rows in the order of a key that an index knows, with SQLite putting many of them together into one value: a call from JavaScript for each value costs more than
 * everything else. A page is null if rows of it cannot be had like this: with fractions, blobs, long ones; they are to be read value by value.
 */
export class JsonPages {
  readonly #first: Statement;
  readonly #behind: Statement;
  readonly #width: number;
  readonly #kernel: RowKernel;
  /** What rows are read by, and what positions tell of them: columns of a row. */
  readonly #by: readonly number[];
  readonly #key: readonly number[];
  readonly #free: JsonPage[] = [];
  /** Rows to join next: by the length of those before. */
  #most = MOST_ROWS;

  private constructor(
    first: Statement,
    behind: Statement,
    kernel: RowKernel,
    width: number,
    by: readonly number[],
    key: readonly number[],
  ) {
    this.#first = first;
    this.#behind = behind;
    this.#width = width;
    this.#kernel = kernel;
    this.#by = by;
    this.#key = key;
  }

  /** Null for what cannot be read by pages: without an index each of them would mean to sort all rows, and JSON has no bytes. */
  static of(
    database: Database,
    shape: SqliteShape,
    types: readonly Column[],
    key: readonly number[],
  ): JsonPages | null {
    const { names, keyIndices } = shape;
    const kernel = rowKernel();
    if (kernel === null || types.some(({ type }) => type === 'binary')) return null;
    const columns = [...names.map(quoteIdentifier), ...(shape.byRowNumber ? shape.key : [])];
    if (!shape.isIndexed || columns.length > MOST_ARGUMENTS) return null;
    const [first, behind] = [false, true].map(isBehind =>
      database.prepare(joined(shape, columns, isBehind)).raw(),
    );
    return new JsonPages(first!, behind!, kernel, columns.length, keyIndices, key);
  }

  /** The rows behind a key (null: from the first on). */
  page(after: readonly string[] | null, limits: BatchLimits): JsonPage | null {
    const page = this.#free.pop() ?? new JsonPage(this.#kernel, this.#width, this.#key, this.#free);
    page.clear();
    let at = after;
    while (page.count < limits.records && page.bytes < limits.bytes) {
      const limit = Math.min(this.#most, limits.records - page.count);
      const [lines, rows, whole] = this.#join(at, limit);
      if (rows === 0) break;
      if (lines === null || whole < rows || !page.add(lines, rows)) {
        if (page.count > 0) return page;
        page.release();
        return null;
      }
      this.#most = Math.max(1, Math.min(MOST_ROWS, Math.floor((MOST_BYTES * rows) / lines.length)));
      at = page.keyOf(page.count - 1, this.#by);
      if (rows < limit) break;
    }
    return page;
  }

  #join(after: readonly string[] | null, limit: number): Joined {
    const rows = after === null ? this.#first.get(limit) : this.#behind.get(...after.map(keyValue), limit);
    return rows as Joined;
  }
}

function joined(
  { from, key, byRowNumber }: SqliteShape,
  columns: readonly string[],
  isBehind: boolean,
): string {
  const where = isBehind ? ` WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})` : '';
  // JSON has no blobs, but SQLite takes some for its own binary form of JSON. Nothing but a blob comes behind an empty one. The number of a row, the last column then, is none.
  const mayBeBlobs = byRowNumber ? columns.slice(0, -1) : columns;
  const hasBlob = mayBeBlobs.map(column => `${column} >= x''`).join(' OR ');
  const row = `CASE WHEN ${hasBlob} THEN NULL ELSE json_array(${columns.join(', ')}) END`;
  const rows = `SELECT ${row} AS row FROM ${from}${where} ORDER BY ${key.join(', ')} LIMIT ?`;
  const isShort = `octet_length(row) <= ${LONG_ROW}`;
  return `SELECT CAST(group_concat(CASE WHEN ${isShort} THEN row END, x'0a') AS BLOB), count(*), total(${isShort}) FROM (${rows})`;
}
