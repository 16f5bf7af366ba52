import type { Batch } from '../../core/batch.js';
import { TrancheError } from '../../core/errors.js';
import { grouped } from '../../core/grouped.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { defaultDialect } from '../../formats/csv/dialect.js';
import { CsvScanner } from '../../formats/csv/scanner.js';
import { nativeType } from '../../postgres/catalogue.js';
import { PostgresConnection } from '../../postgres/connection.js';
import type { CopyOut } from '../../postgres/copy-out.js';
import { postgresError } from '../../postgres/errors.js';
import { estimatedRows, type ReadColumn, readColumns, uniqueKeys } from '../../postgres/relation.js';
import type { ConnectionSettings } from '../../postgres/settings.js';
import type { Input } from '../../storage/input.js';
import { BatchReader } from '../file/batch-reader.js';
import { startOf } from '../file/position.js';
import { ReadAhead } from '../file/read-ahead.js';
import { WindowPool } from '../file/window.js';
import { asKeysetPosition, beginning, tellPosition } from '../keyset/position.js';
import { badKey, keyColumns, noKey, type Relation } from '../keyset/relation.js';
import { TextRows } from '../keyset/text-rows.js';
import { anyBehind, checkKey, columnTypeOf, copyRows, fromClause } from './statements.js';

/** What a source in PostgreSQL is made of. */
export interface PostgresSourceSettings {
  /** As a person would name it, without secrets. */
  readonly place: string;
  readonly connection: ConnectionSettings;
  readonly relation: Relation;
  /** Columns that tell rows apart; null: those of a key that the catalogue knows. */
  readonly key: readonly string[] | null;
  /** Read without a key, in one snapshot. */
  readonly keyless: boolean;
}

/** What is known of the table or query: its columns, and which of them are the key. */
interface Shape {
  readonly columns: readonly ReadColumn[];
  readonly key: readonly number[];
}

const PARAMETERS = {
  applicationName: 'tranche',
  lockTimeout: 10_000,
  idleInTransactionTimeout: 300_000,
  readOnly: true,
};
/** The server's rows are right whatever their length. */
const READER = { maxRecordBytes: 0x1fffffff, wholeLines: false };

/** A table of PostgreSQL, or what a query answers, in the order of its key. */
export class PostgresSource implements Source {
  readonly name: string;
  readonly format = null;
  readonly plainCsv = true;
  readonly #settings: PostgresSourceSettings;
  readonly #from: string;
  readonly #pool = new WindowPool();
  #connection: PostgresConnection | null = null;
  #shape: Shape | null = null;

  constructor(settings: PostgresSourceSettings) {
    this.name = settings.place;
    this.#settings = settings;
    this.#from = fromClause(settings.relation);
  }

  async describe(): Promise<Description> {
    const { columns } = await this.#known();
    return {
      columns: columns.map(column => ({ name: column.name, type: columnTypeOf(column), declared: false })),
      notes: [],
    };
  }

  async *open({ from, limits, columns, signal }: OpenSource): AsyncGenerator<Batch> {
    let at = from ? asKeysetPosition(from) : beginning;
    const { keyless } = this.#settings;
    if (keyless && at.record > 0) throw this.#cannotGoOn();
    const { columns: found, key } = await this.#known();
    this.#demandSame(
      columns.map(({ name }) => name),
      found,
    );
    const connection = await this.#connected();
    const keys = key.map(index => found[index]!);
    const native = found.map(nativeType);
    const copy = connection.copyOut(copyRows(this.#from, found, keys, at.key));
    const reader = this.#reader(copy, signal);
    const scanner = new CsvScanner(defaultDialect('csv'), found.length);
    try {
      for (let first = true; !signal.aborted; first = false) {
        const text = await reader.next(limits, scanner, found.length);
        if (!text && (!first || signal.aborted)) break;
        const batch = new TextRows(
          text ?? reader.nothing(scanner, found.length),
          this.name,
          keyless ? null : key,
          native,
          at,
        );
        at = asKeysetPosition(batch.end);
        yield batch;
        if (!text) break;
      }
    } catch (error) {
      throw await this.#failed(error);
    } finally {
      await reader.close();
    }
  }

  async identify(): Promise<JsonObject> {
    const { columns, key } = await this.#known();
    const { relation, keyless } = this.#settings;
    return {
      relation: relation.kind === 'query' ? relation.sql : this.#from,
      key: keyless ? null : key.map(index => columns[index]!.name),
    };
  }

  async verify(identity: JsonObject, position: Position): Promise<Verdict> {
    const { columns, key } = await this.#known();
    const was = JSON.stringify(identity);
    const is = JSON.stringify(await this.identify());
    if (this.#settings.keyless || was !== is)
      return {
        kind: 'rewritten',
        was,
        is: this.#settings.keyless ? 'read without a key: nobody knows where to go on' : is,
      };
    const keys = key.map(index => columns[index]!);
    const connection = await this.#connected();
    const more = await connection.query(anyBehind(this.#from, keys, asKeysetPosition(position).key));
    return { kind: more.length > 0 ? 'grown' : 'unchanged' };
  }

  tell(position: Position): string {
    const { columns, key } = this.#shape ?? { columns: [], key: [] };
    return tellPosition(
      this.name,
      key.map(index => columns[index]!.name),
      position,
    );
  }

  async size(): Promise<SourceSize> {
    const { relation } = this.#settings;
    if (relation.kind === 'query') return {};
    const records = await estimatedRows(await this.#connected(), relation.table);
    return records === null ? {} : { records };
  }

  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    // A COPY that nobody reads to its end would never let the session end by itself.
    await connection?.close(true);
  }

  #reader(copy: CopyOut, signal: AbortSignal): BatchReader {
    const input: Input = {
      read: (buffer, at, length) => copy.read(buffer, at, length),
      waypoint: () => null,
      // A read that is under way ends with the connection alone.
      close: async () => (copy.isOver ? undefined : await this.close()),
    };
    const batchInput = {
      rawLength: (_: Buffer, from: number, to: number) => to - from,
      waypoint: () => null,
      tail: () => null,
    };
    const ahead = new ReadAhead(input, this.#pool, signal, true);
    return new BatchReader(ahead, batchInput, startOf(0, this.name), READER, this.#pool);
  }

  async #known(): Promise<Shape> {
    this.#shape ??= await this.#learn();
    return this.#shape;
  }

  async #learn(): Promise<Shape> {
    const connection = await this.#connected();
    const columns = await readColumns(connection, this.#from);
    if (columns.length === 0) throw new TrancheError('usage', `${this.name}: it has no columns`);
    return { columns, key: this.#settings.keyless ? [] : await this.#keyOf(connection, columns) };
  }

  async #keyOf(connection: PostgresConnection, columns: readonly ReadColumn[]): Promise<readonly number[]> {
    const { relation, key } = this.#settings;
    const names = columns.map(({ name }) => name);
    const known = relation.kind === 'table' ? await uniqueKeys(connection, relation.table) : [];
    if (!key) {
      if (!known[0]) throw noKey(this.name);
      return keyColumns(this.name, known[0], names);
    }
    const wanted = keyColumns(this.name, key, names);
    const covered = known.some(unique => unique.every(name => wanted.includes(names.indexOf(name))));
    const notNull = covered && (await this.#neverNull(connection, wanted, columns));
    if (!notNull)
      await this.#checkKey(
        connection,
        wanted.map(index => columns[index]!),
      );
    return wanted;
  }

  /** Columns beyond those of the unique index may be NULL. */
  async #neverNull(
    connection: PostgresConnection,
    key: readonly number[],
    columns: readonly ReadColumn[],
  ): Promise<boolean> {
    const missing = key.map(index => `"${columns[index]!.name.replaceAll('"', '""')}" IS NULL`).join(' OR ');
    return (await connection.query(`SELECT 1 FROM ${this.#from} WHERE ${missing} LIMIT 1`)).length === 0;
  }

  async #checkKey(connection: PostgresConnection, key: readonly ReadColumn[]): Promise<void> {
    const [row] = await connection.query(checkKey(this.#from, key));
    const names = key.map(({ name }) => name);
    const nulls = Number(row!['nulls']);
    const doubles = Number(row!['doubles']);
    if (nulls > 0) throw badKey(this.name, names, `it is NULL in ${grouped(nulls)} rows`);
    if (doubles > 0) throw badKey(this.name, names, `${grouped(doubles)} rows have the key of another one`);
  }

  async #connected(): Promise<PostgresConnection> {
    if (this.#connection && !this.#connection.isBroken) return this.#connection;
    this.#connection = await PostgresConnection.open(this.#settings.connection, PARAMETERS, this.name);
    return this.#connection;
  }

  /** The connection is of no use any more: whoever reads on makes a new one. */
  async #failed(error: unknown): Promise<TrancheError> {
    const failure = postgresError('read', this.name, error);
    await this.close();
    if (failure.kind !== 'transient' || !this.#settings.keyless) return failure;
    return new TrancheError(failure.code, failure.message, {
      cause: failure,
      hint: 'start again with --fresh',
    });
  }

  #cannotGoOn(): TrancheError {
    return new TrancheError(
      'source_changed',
      `${this.name}: it is read without a key, and cannot be gone on with`,
      {
        path: this.name,
        hint: 'start from the beginning with --fresh, or name a key with --key',
      },
    );
  }

  #demandSame(was: readonly string[], is: readonly ReadColumn[]): void {
    const names = is.map(({ name }) => name);
    if (was.length === 0 || JSON.stringify(was) === JSON.stringify(names)) return;
    throw new TrancheError(
      'source_changed',
      `${this.name}: its columns are ${names.join(', ')} now, and were ${was.join(', ')}`,
      { path: this.name, hint: 'start from the beginning with --fresh' },
    );
  }
}
