import { tableText } from '../../core/database-url.js';
import { TrancheError } from '../../core/errors.js';
import type { OpenTarget } from '../../core/target.js';
import { PostgresConnection } from '../../postgres/connection.js';
import { postgresError } from '../../postgres/errors.js';
import { lockJob } from './job-lock.js';
import { type LedgerRow, LedgerTable } from './ledger-table.js';
import { prepareTable, type WriteInto } from './prepare-table.js';
import { RowWriter } from './row-writer.js';
import type { PostgresSettings } from './settings.js';
import { SureEncoder } from './sure-encoder.js';
import { takesEverySoundRow } from './sure-table.js';

/** Milliseconds to wait for somebody else's lock. */
const LOCK_TIMEOUT = 10_000;
/** Milliseconds after which the server ends a transaction that a stopped run left open. */
const IDLE_IN_TRANSACTION = 300_000;

/** What a run holds of its job; outlives the connection. */
export interface Claim {
  readonly job: string;
  readonly epoch: bigint;
}

/** What opening the table told. */
export interface Opened {
  readonly into: WriteInto | null;
  /** Null without a ledger. */
  readonly claim: Claim | null;
  /** Rows that the job has written before. */
  readonly rows: number;
}

/** One connection of a target. */
export class Session {
  readonly connection: PostgresConnection;
  readonly ledger: LedgerTable | null;
  readonly #settings: PostgresSettings;
  readonly #ledgerSchema: string;

  private constructor(connection: PostgresConnection, settings: PostgresSettings, ledgerSchema: string) {
    this.connection = connection;
    this.#settings = settings;
    this.#ledgerSchema = ledgerSchema;
    this.ledger =
      settings.ledger === false ? null : new LedgerTable(connection, ledgerSchema, settings.place);
  }

  static async connect(settings: PostgresSettings): Promise<Session> {
    const { place, table, ledger } = settings;
    const parameters = {
      applicationName: `tranche ${tableText(table)}`,
      lockTimeout: LOCK_TIMEOUT,
      idleInTransactionTimeout: IDLE_IN_TRANSACTION,
    };
    const connection = await PostgresConnection.open(settings.connection, parameters, place);
    try {
      const schema = (ledger === false ? null : ledger.schema) ?? table.schema;
      return new Session(connection, settings, schema ?? (await currentSchema(connection, place)));
    } catch (error) {
      await connection.close(true);
      throw error;
    }
  }

  /** Takes the job, and readies table and ledger in one transaction. */
  async open(how: OpenTarget): Promise<Opened> {
    const { place } = this.#settings;
    const keeps = how.checkpoints && this.ledger !== null;
    if (keeps) await lockJob(this.connection, this.#ledgerSchema, how.job, place);
    try {
      await this.connection.run('BEGIN');
      if (keeps) await lockSetup(this.connection);
      const into = await prepareTable(this.connection, this.#settings, how.columns, how.mark !== null);
      const claimed = keeps ? await this.ledger!.claim(how) : null;
      await this.connection.run('COMMIT');
      const claim = claimed && { job: how.job, epoch: claimed.epoch };
      return { into, claim, rows: claimed?.rows ?? 0 };
    } catch (error) {
      await this.rollBack();
      throw postgresError('open', place, error);
    }
  }

  /** Goes on with a job over this connection, after another one was lost. */
  async takeBack({ job, epoch }: Claim): Promise<LedgerRow> {
    return await this.ledger!.takeBack(job, epoch);
  }

  writer(into: WriteInto): RowWriter {
    return new RowWriter(this.connection, this.#settings.place, into, this.#settings.dialect);
  }

  /** Null where the table may refuse a row whose values are sound. */
  async sureEncoder(into: WriteInto): Promise<SureEncoder | null> {
    const isPlain = await takesEverySoundRow(this.connection, into);
    return isPlain ? new SureEncoder(into, this.#settings.dialect) : null;
  }

  /** Takes back what was not committed. An error of its own says less than the one that led here. */
  async rollBack(): Promise<void> {
    if (!this.connection.isBroken) await this.connection.run('ROLLBACK').catch(() => undefined);
  }
}

/** Two runs that begin at once would make the same table: one after the other. */
async function lockSetup(connection: PostgresConnection): Promise<void> {
  await connection.query("SELECT pg_advisory_xact_lock(hashtextextended('tranche_ledger', 0))");
}

async function currentSchema(connection: PostgresConnection, place: string): Promise<string> {
  const [row] = await connection.query('SELECT current_schema() AS schema');
  const schema = row?.['schema'] ?? null;
  if (schema !== null) return schema;
  throw new TrancheError('usage', `${place}: no schema of the search path exists`, {
    path: place,
    hint: 'name the schema: #SCHEMA.TABLE',
  });
}
