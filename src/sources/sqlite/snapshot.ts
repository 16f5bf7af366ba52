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
import type { SqliteShape } from './shape.js';

/**
 * The rows of a table or query as they are when the first batch is asked for. With a rollback journal, a table is as it is at each batch: a reader that stays would
 * keep out whoever writes, be it this job to another table of the file.
 */
export class Snapshot {
  readonly #database: Database;
  readonly #shape: SqliteShape;
  readonly #place: string;
  readonly #pages: JsonPages | null;
  /** Rows behind the last batch, where pages are not asked for one by one. */
  #rows: IterableIterator<Value[]> | null = null;

  constructor(database: Database, shape: SqliteShape, columns: readonly Column[], place: string) {
    this.#database = database;
    this.#shape = shape;
    this.#place = place;
    this.#pages = JsonPages.of(database, shape, columns);
  }

  /** The batch behind a position; one without records is the end. */
  next(at: KeysetPosition, limits: BatchLimits): Batch {
    this.#hold();
    const page = this.#pages?.page(at.key, limits) ?? null;
    if (page) return new KeysetBatch(page, at, this.#place);
    this.#rows ??= rowsBehind(this.#database, this.#shape, at.key);
    const batch = valueRows(this.#rows, this.#shape, this.#place, limits, at);
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
  { from, key, byRowNumber }: SqliteShape,
  behind: readonly string[] | null,
): IterableIterator<Value[]> {
  const where =
    behind === null || key.length === 0
      ? ''
      : ` WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
  const order = key.length === 0 ? '' : ` ORDER BY ${key.join(', ')}`;
  const sql = `SELECT *${byRowNumber ? `, ${key[0]}` : ''} FROM ${from}${where}${order}`;
  const statement = database.prepare(sql).raw().safeIntegers();
  return statement.iterate(...(behind ?? []).map(keyValue)) as IterableIterator<Value[]>;
}

function valueRows(
  rows: IterableIterator<Value[]>,
  { key, keyIndices }: SqliteShape,
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
  const keyOf = (index: number): readonly string[] =>
    keyIndices.map(column => keyText(taken[index]![column]!));
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
