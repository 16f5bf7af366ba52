import type { Batch } from '../../core/batch.js';
import type { Column } from '../../core/columns.js';
import type { Value } from '../../core/records.js';
import type { BatchLimits } from '../../core/source.js';
import type { Database } from '../../sqlite/driver.js';
import { KeysetBatch } from '../keyset/keyset-batch.js';
import type { KeysetPosition } from '../keyset/position.js';
import { ValueRows } from '../keyset/value-rows.js';
import { JsonPages } from './json-pages.js';
import { keyText, keyValue } from './key-text.js';
import { type SqliteShape, selectBehind } from './shape.js';
import { sortedCopy } from './sorted-copy.js';

/**
 * The rows of a table or query as they are when the first batch is asked for. With a rollback journal, a table is as it is at each batch: a reader that stays would
 * keep out whoever writes, be it this job to another table of the file.
 */
export class Snapshot {
  readonly #database: Database;
  /** What rows are read from: the table or query, or a sorted copy of it. */
  readonly #shape: SqliteShape;
  /** Of the columns that are read, those of the key that positions tell. */
  readonly #key: readonly number[];
  /** Records before the sorted copy; null without one. */
  readonly #before: number | null;
  readonly #place: string;
  readonly #pages: JsonPages | null;
  /** Rows behind the last batch, where pages are not asked for one by one. */
  #rows: IterableIterator<Value[]> | null = null;

  constructor(
    database: Database,
    shape: SqliteShape,
    columns: readonly Column[],
    place: string,
    from: KeysetPosition,
  ) {
    const isSorted = shape.isIndexed || shape.key.length === 0;
    this.#database = database;
    this.#shape = isSorted ? shape : sortedCopy(database, shape, from.key);
    this.#key = shape.keyIndices;
    this.#before = isSorted ? null : from.record;
    this.#place = place;
    this.#pages = JsonPages.of(database, this.#shape, columns, this.#key);
  }

  /** The batch behind a position; one without records is the end. */
  next(at: KeysetPosition, limits: BatchLimits): Batch {
    this.#hold();
    const behind = this.#before === null ? at.key : [keyText(at.record - this.#before)];
    const page = this.#pages?.page(behind, limits) ?? null;
    if (page) return new KeysetBatch(page, at, this.#place);
    this.#rows ??= rowsBehind(this.#database, this.#shape, behind);
    const batch = valueRows(this.#rows, this.#key, this.#place, limits, at);
    // No other statement can be asked as long as there are more rows of this one.
    if (this.#shape.isIndexed) this.#stop();
    return batch;
  }

  close(): void {
    this.#stop();
    if (this.#database.inTransaction) this.#database.exec('COMMIT');
  }

  /** As soon as that keeps nobody out: the target may put the file into WAL mode. */
  #hold(): void {
    if (!this.#shape.isIndexed || this.#database.inTransaction) return;
    if (this.#database.pragma('journal_mode', { simple: true }) === 'wal') this.#database.exec('BEGIN');
  }

  #stop(): void {
    this.#rows?.return?.();
    this.#rows = null;
  }
}

/** Rows with the values of the key's own column behind them, where it is not among them. */
export function rowsBehind(
  database: Database,
  shape: SqliteShape,
  behind: readonly string[] | null,
): IterableIterator<Value[]> {
  const statement = database.prepare(selectBehind(shape, behind)).raw().safeIntegers();
  return statement.iterate(...(behind ?? []).map(keyValue)) as IterableIterator<Value[]>;
}

function valueRows(
  rows: IterableIterator<Value[]>,
  key: readonly number[],
  place: string,
  limits: BatchLimits,
  at: KeysetPosition,
): ValueRows {
  const taken: Value[][] = [];
  for (let bytes = 0; taken.length < limits.records && bytes < limits.bytes; ) {
    const { done, value } = rows.next();
    if (done) break;
    taken.push(value);
    bytes += sizeOf(value);
  }
  const keyOf = (index: number): readonly string[] => key.map(column => keyText(taken[index]![column]!));
  return new ValueRows(taken, place, key.length === 0 ? null : keyOf, at);
}

/** Bytes of a row, roughly. */
function sizeOf(row: readonly Value[]): number {
  let bytes = 0;
  for (const value of row) {
    bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  }
  return bytes;
}
