import type { Batch } from '../../core/batch.js';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { type Database, openDatabase, sqliteError } from '../../sqlite/driver.js';
import { asKeysetPosition, beginning, tellPosition } from '../keyset/position.js';
import { columnsOf, type SqliteShape, type SqliteSourceSettings, shapeOf } from './shape.js';
import { rowsBehind, Snapshot } from './snapshot.js';

/** Milliseconds that a statement waits for another program's lock. */
const BUSY_TIMEOUT = 2000;

/** What SQLite keeps of the file, and of what it sorts: who reads from the first row to the last asks for no page twice. The driver would keep 16 MB. */
const CACHE_KIB = 2000;

/** A table of an SQLite database, or what a query answers, in the order of its key. */
export class SqliteSource implements Source {
  readonly name: string;
  readonly format = null;
  readonly #settings: SqliteSourceSettings;
  /** While rows are read, and no longer: a target in the same file can give its rollback journal back only when nobody else has it open. */
  #database: Database | null = null;
  #shape: SqliteShape | null = null;

  constructor(settings: SqliteSourceSettings) {
    this.name = settings.place;
    this.#settings = settings;
  }

  async describe(): Promise<Description> {
    const shape = await this.#known();
    return { columns: await this.#reading(database => columnsOf(database, shape)), notes: [] };
  }

  async *open({ from, limits, columns, signal }: OpenSource): AsyncGenerator<Batch> {
    let at = from ? asKeysetPosition(from) : beginning;
    if (this.#settings.keyless && at.record > 0) throw this.#cannotGoOn();
    const shape = await this.#known();
    this.#demandSame(
      columns.map(({ name }) => name),
      shape.names,
    );
    const database = await this.#connect();
    this.#database = database;
    let snapshot: Snapshot | null = null;
    try {
      snapshot = new Snapshot(database, shape, columns, this.name, at);
      for (let first = true; !signal.aborted; first = false) {
        const batch = snapshot.next(at, limits);
        if (batch.records.count === 0 && !first) return;
        at = asKeysetPosition(batch.end);
        yield batch;
        if (batch.records.count === 0) return;
      }
    } catch (error) {
      throw sqliteError('read', this.#settings.path, error);
    } finally {
      // Somebody may have closed the source before the last batch was asked for.
      if (database.open) snapshot?.close();
      database.close();
      this.#database = null;
    }
  }

  async identify(): Promise<JsonObject> {
    const { key, byRowNumber, from } = await this.#known();
    const keys = this.#settings.keyless ? null : [...key];
    // VACUUM gives rows new numbers, and leaves its trace there.
    const version = byRowNumber
      ? await this.#reading(database => database.pragma('schema_version', { simple: true }))
      : null;
    return { relation: from, key: keys, schema: version as number | null };
  }

  async verify(identity: JsonObject, position: Position): Promise<Verdict> {
    const was = JSON.stringify(identity);
    const is = JSON.stringify(await this.identify());
    if (this.#settings.keyless)
      return { kind: 'rewritten', was, is: 'read without a key: nobody knows where to go on' };
    if (was !== is) return { kind: 'rewritten', was, is };
    const shape = await this.#known();
    const more = await this.#reading(database => {
      const rows = rowsBehind(database, shape, asKeysetPosition(position).key);
      const { done } = rows.next();
      rows.return?.();
      return !done;
    });
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

  async #known(): Promise<SqliteShape> {
    this.#shape ??= await this.#reading(database => shapeOf(database, this.#settings));
    return this.#shape;
  }

  async #connect(): Promise<Database> {
    const database = await openDatabase(this.#settings.path, { readonly: true, busyTimeout: BUSY_TIMEOUT });
    for (const schema of ['main', 'temp']) database.pragma(`${schema}.cache_size = -${CACHE_KIB}`);
    return database;
  }

  async #reading<T>(action: (database: Database) => T): Promise<T> {
    const open = this.#database;
    const database = open ?? (await this.#connect());
    try {
      return action(database);
    } catch (error) {
      throw sqliteError('read', this.#settings.path, error);
    } finally {
      if (!open) database.close();
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
