import type { Batch } from '../../core/batch.js';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Value } from '../../core/records.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { type Database, openDatabase, type Statement, sqliteError } from '../../sqlite/driver.js';
import { asKeysetPosition, beginning, type KeysetPosition, tellPosition } from '../keyset/position.js';
import { ValueRows } from '../keyset/value-rows.js';
import { keyText, keyValue } from './key-text.js';
import { columnsOf, type SqliteShape, type SqliteSourceSettings, shapeOf } from './shape.js';

/** Milliseconds that a statement waits for another program's lock. */
const BUSY_TIMEOUT = 2000;

/** A table of an SQLite database, or what a query answers, in the order of its key. */
export class SqliteSource implements Source {
  readonly name: string;
  readonly format = null;
  readonly #settings: SqliteSourceSettings;
  #database: Database | null = null;
  #shape: SqliteShape | null = null;

  constructor(settings: SqliteSourceSettings) {
    this.name = settings.place;
    this.#settings = settings;
  }

  async describe(): Promise<Description> {
    const shape = await this.#known();
    return { columns: this.#reading(database => columnsOf(database, shape)), notes: [] };
  }

  async *open({ from, limits, columns, signal }: OpenSource): AsyncGenerator<Batch> {
    let at = from ? asKeysetPosition(from) : beginning;
    if (this.#settings.keyless && at.record > 0) throw this.#cannotGoOn();
    const shape = await this.#known();
    this.#demandSame(
      columns.map(({ name }) => name),
      shape.names,
    );
    const rows = this.#rowsBehind(shape, at.key);
    try {
      for (let first = true; !signal.aborted; first = false) {
        const batch = this.#next(rows, shape, limits, at);
        if (batch.records.count === 0 && !first) return;
        at = asKeysetPosition(batch.end);
        yield batch;
        if (batch.records.count === 0) return;
      }
    } catch (error) {
      throw sqliteError('read', this.#settings.path, error);
    } finally {
      rows.return?.();
    }
  }

  async identify(): Promise<JsonObject> {
    const { key, byRowNumber, from } = await this.#known();
    const keys = this.#settings.keyless ? null : [...key];
    // VACUUM gives rows new numbers, and leaves its trace there.
    const version = byRowNumber
      ? this.#reading(database => database.pragma('schema_version', { simple: true }))
      : null;
    return { relation: from, key: keys, schema: version as number | null };
  }

  async verify(identity: JsonObject, position: Position): Promise<Verdict> {
    const was = JSON.stringify(identity);
    const is = JSON.stringify(await this.identify());
    if (this.#settings.keyless)
      return { kind: 'rewritten', was, is: 'read without a key: nobody knows where to go on' };
    if (was !== is) return { kind: 'rewritten', was, is };
    const rows = this.#rowsBehind(await this.#known(), asKeysetPosition(position).key);
    const more = this.#reading(() => !rows.next().done);
    rows.return?.();
    return { kind: more ? 'grown' : 'unchanged' };
  }

  tell(position: Position): string {
    return tellPosition(this.name, this.#shape?.key ?? [], position);
  }

  /** Unknown: SQLite would have to count. */
  async size(): Promise<SourceSize> {
    return {};
  }

  async close(): Promise<void> {
    this.#database?.close();
    this.#database = null;
  }

  /** Rows with the values of the key's own column behind them, where it is not among them. */
  #rowsBehind(shape: SqliteShape, behind: readonly string[] | null): IterableIterator<Value[]> {
    const { from, key, byRowNumber } = shape;
    const where =
      behind === null || key.length === 0
        ? ''
        : ` WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
    const order = key.length === 0 ? '' : ` ORDER BY ${key.join(', ')}`;
    const sql = `SELECT *${byRowNumber ? `, ${key[0]}` : ''} FROM ${from}${where}${order}`;
    return this.#reading(database => {
      const statement: Statement = database.prepare(sql).raw().safeIntegers();
      return statement.iterate(...(behind ?? []).map(keyValue)) as IterableIterator<Value[]>;
    });
  }

  #next(
    rows: IterableIterator<Value[]>,
    shape: SqliteShape,
    limits: OpenSource['limits'],
    at: KeysetPosition,
  ): ValueRows {
    const taken: Value[][] = [];
    let bytes = 0;
    while (taken.length < limits.records && bytes < limits.bytes) {
      const { done, value } = rows.next();
      if (done) break;
      taken.push(value);
      bytes += sizeOf(value);
    }
    const keyOf = (index: number): readonly string[] =>
      shape.keyIndices.map(column => keyText(taken[index]![column]!));
    return new ValueRows(taken, this.name, this.#settings.keyless ? null : keyOf, at);
  }

  async #known(): Promise<SqliteShape> {
    if (this.#shape) return this.#shape;
    this.#database ??= await openDatabase(this.#settings.path, { readonly: true, busyTimeout: BUSY_TIMEOUT });
    this.#shape = shapeOf(this.#database, this.#settings);
    return this.#shape;
  }

  #reading<T>(action: (database: Database) => T): T {
    try {
      return action(this.#database!);
    } catch (error) {
      throw sqliteError('read', this.#settings.path, error);
    }
  }

  #cannotGoOn(): TrancheError {
    return new TrancheError(
      'source_changed',
      `${this.name}: it is read without a key, and cannot be gone on with`,
      { path: this.name, hint: 'start from the beginning with --fresh, or name a key with --key' },
    );
  }

  #demandSame(was: readonly string[], is: readonly string[]): void {
    if (was.length === 0 || JSON.stringify(was) === JSON.stringify(is)) return;
    throw new TrancheError(
      'source_changed',
      `${this.name}: its columns are ${is.join(', ')} now, and were ${was.join(', ')}`,
      { path: this.name, hint: 'start from the beginning with --fresh' },
    );
  }
}

/** Bytes of a row, roughly. */
function sizeOf(row: readonly Value[]): number {
  let bytes = 0;
  for (const value of row) {
    bytes += typeof value === 'string' || value instanceof Uint8Array ? value.length : 8;
  }
  return bytes;
}
