import type pg from 'pg';
import type { TrancheError } from '../core/errors.js';
import { connect } from './connect.js';
import { CopyIn } from './copy-in.js';
import { CopyOut } from './copy-out.js';
import { postgresError } from './errors.js';
import { loadDriver } from './load-driver.js';
import type { ConnectionSettings } from './settings.js';

/** Rows with every value as the server writes it. */
export type TextRow = { readonly [column: string]: string | null };

/** Parameters of a session that are not the connection's: times in milliseconds. */
export interface SessionParameters {
  readonly applicationName: string;
  readonly lockTimeout: number;
  /** The server ends a session that a stopped client left in a transaction. */
  readonly idleInTransactionTimeout: number;
  /** Nothing may be changed. */
  readonly readOnly?: boolean;
}

/** One session with a server. Errors are `TrancheError`s; a connection that failed stays broken. */
export class PostgresConnection {
  readonly #client: pg.Client;
  readonly #place: string;
  #failure: Error | null = null;

  private constructor(client: pg.Client, place: string) {
    this.#client = client;
    this.#place = place;
    client.on('error', error => {
      this.#failure = error;
    });
  }

  /** Connects; loads the driver the first time. `place` is what messages name. */
  static async open(
    settings: ConnectionSettings,
    parameters: SessionParameters,
    place: string,
  ): Promise<PostgresConnection> {
    const driver = await loadDriver();
    try {
      const client = await connect(driver, settings);
      const connection = new PostgresConnection(client, place);
      await connection.run(sessionStatement(parameters));
      return connection;
    } catch (error) {
      throw postgresError('connect to', place, error);
    }
  }

  /** True once the connection is known to be gone. */
  get isBroken(): boolean {
    return this.#failure !== null;
  }

  /** Process id of the session on the server. */
  get processId(): number {
    return (this.#client as unknown as { processID: number }).processID;
  }

  /** Runs a statement with parameters, prepared under its own text if `prepared`. Answers its rows, all values as text. */
  async query(text: string, values: readonly unknown[] = [], prepared?: string): Promise<TextRow[]> {
    try {
      const { rows } = await this.#client.query<TextRow>({
        text,
        values: [...values],
        ...(prepared === undefined ? {} : { name: prepared }),
      });
      return rows;
    } catch (error) {
      throw this.#wrap('query', error);
    }
  }

  /** Runs a statement, or several, without parameters. */
  async run(text: string): Promise<void> {
    try {
      await this.#client.query(text);
    } catch (error) {
      throw this.#wrap('query', error);
    }
  }

  /** The columns that a query would answer, with the numbers and modifiers of their types. */
  async fields(
    text: string,
  ): Promise<{ readonly name: string; readonly oid: number; readonly modifier: number }[]> {
    try {
      const { fields } = await this.#client.query(text);
      return fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
        name,
        oid: dataTypeID,
        modifier: dataTypeModifier,
      }));
    } catch (error) {
      throw this.#wrap('query', error);
    }
  }

  /** Begins `COPY … TO STDOUT`. What its reads reject with is the driver's: see {@link postgresError}. */
  copyOut(statement: string): CopyOut {
    return this.#client.query(new CopyOut(statement));
  }

  /** Begins `COPY … FROM STDIN`, perhaps behind other statements. What it rejects with is the driver's: see {@link postgresError}. */
  copyIn(statement: string): CopyIn {
    return this.#client.query(new CopyIn(statement));
  }

  /** Ends the session; at once, and without a word to the server, if `abruptly`. */
  async close(abruptly = false): Promise<void> {
    const broken = this.#failure !== null;
    this.#failure ??= new Error('Connection ended');
    if (abruptly || broken) {
      (
        this.#client as unknown as { connection: { stream: { destroy(): void } } }
      ).connection.stream.destroy();
      return;
    }
    await this.#client.end().catch(() => undefined);
  }

  #wrap(operation: string, error: unknown): TrancheError {
    return postgresError(operation, this.#place, error);
  }
}

function sessionStatement(parameters: SessionParameters): string {
  const { applicationName, lockTimeout, idleInTransactionTimeout, readOnly = false } = parameters;
  const name = applicationName.replace(/[^\x20-\x7e]|['\\]/g, '?').slice(0, 63);
  return [
    `SET application_name = '${name}'`,
    "SET client_encoding = 'UTF8'",
    "SET DateStyle = 'ISO'",
    "SET IntervalStyle = 'postgres'",
    "SET TimeZone = 'UTC'",
    'SET extra_float_digits = 1',
    "SET bytea_output = 'hex'",
    `SET lock_timeout = ${lockTimeout}`,
    `SET idle_in_transaction_session_timeout = ${idleInTransactionTimeout}`,
    `SET default_transaction_read_only = ${readOnly ? 'on' : 'off'}`,
  ].join('; ');
}
