import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TrancheError } from '../../core/errors.js';
import type { Records } from '../../core/records.js';
import type { OpenTarget, Refusal } from '../../core/target.js';
import { syncDirectory } from '../../durable/directory.js';
import { type Database, openDatabase, sqliteError } from '../../sqlite/driver.js';
import { CellBinder } from './cell-binder.js';
import { claimLedger, LedgerEntry } from './ledger-table.js';
import { createDatabaseFile, databaseFile } from './open-file.js';
import { noUniqueIndex, prepareTable } from './prepare-table.js';
import type { RowBinder } from './row-binder.js';
import { RowInserter } from './row-inserter.js';
import type { SqliteSettings } from './settings.js';
import type { InsertInto } from './statements.js';
import { ValueBinder } from './value-binder.js';
import { whenFree } from './when-free.js';
import { WriteAheadLog } from './write-ahead-log.js';

/** Milliseconds to wait for somebody else's lock: when a run begins, and before a batch, which is tried again anyway. */
const PATIENCE = { open: 10_000, write: 1000 };
/** Bytes of a page of a database that we make: rows that are added in order fill large pages with fewer writes. */
const PAGE_BYTES = 16_384;

/** What opening the table told. */
export interface Opened {
  /** Rows that the job has written before. */
  readonly rows: number;
  /** Null without a ledger. */
  readonly epoch: number | null;
  /** The database had a rollback journal, and is to have one again when the job is done. */
  readonly rollback: boolean;
}

/** An open connection, ready to write one table. */
export class Session {
  readonly opened: Opened;
  readonly log: WriteAheadLog;
  readonly entry: LedgerEntry | null;
  readonly #database: Database;
  readonly #path: string;
  readonly #inserter: RowInserter | null;
  readonly #cells: CellBinder;
  readonly #values: ValueBinder;
  #entered = false;

  private constructor(
    database: Database,
    path: string,
    log: WriteAheadLog,
    opened: Opened,
    entry: LedgerEntry | null,
    into: InsertInto | null,
  ) {
    this.#database = database;
    this.#path = path;
    this.log = log;
    this.opened = opened;
    this.entry = entry;
    const columns = into?.columns ?? [];
    this.#inserter = into && columns.length > 0 ? new RowInserter(database, path, into) : null;
    this.#cells = new CellBinder(columns);
    this.#values = new ValueBinder(columns);
  }

  /** Opens the database, or makes it, and readies table and ledger in one transaction. What it answers is durable. */
  static async open(settings: SqliteSettings, how: OpenTarget): Promise<Session> {
    const database = await connect(settings, how);
    try {
      const session = await Session.#prepare(database, settings, how);
      await session.log.sync();
      return session;
    } catch (error) {
      rollBack(database);
      database.close();
      throw sqliteError('open', settings.path, error);
    }
  }

  static async #prepare(database: Database, settings: SqliteSettings, how: OpenTarget): Promise<Session> {
    const { path } = settings;
    const wait = <T>(action: () => T): Promise<T> =>
      whenFree('open', path, PATIENCE.open, action, how.signal);
    const log = await wait(() => new WriteAheadLog(database, path));
    await wait(() => database.exec('BEGIN IMMEDIATE'));
    const into = prepareTable(database, settings, how.columns, how.mark !== null);
    const { rows, epoch } = how.checkpoints ? claimLedger(database, path, how) : { rows: 0, epoch: null };
    const entry = epoch === null ? null : new LedgerEntry(database, path, how.job, epoch);
    const opened = { rows, epoch, rollback: !log.isActive || how.mark?.['rollback'] === true };
    try {
      const session = new Session(database, path, log, opened, entry, into);
      await wait(() => database.exec('COMMIT'));
      log.touch();
      return session;
    } catch (error) {
      if (into && /ON CONFLICT clause does not match/.test(String(error)))
        throw noUniqueIndex(settings, into);
      throw error;
    }
  }

  /** Begins a transaction. */
  async begin(signal: AbortSignal): Promise<void> {
    if (signal.aborted)
      throw new TrancheError('timeout', `gave up writing ${this.#path}`, { kind: 'transient' });
    if (!this.#entered) this.log.enter();
    this.#entered = true;
    this.log.trim();
    await whenFree('write', this.#path, PATIENCE.write, () => this.#database.exec('BEGIN IMMEDIATE'), signal);
  }

  /** Inserts within the transaction, and answers what was refused. */
  insert(records: Records): readonly Refusal[] {
    switch (records.form) {
      case 'text':
        return this.#insertAll(this.#cells, records);
      case 'rows':
      case 'objects':
        return this.#insertAll(this.#values, records);
      default:
        return records satisfies never;
    }
  }

  async commit(signal: AbortSignal): Promise<void> {
    await whenFree('commit', this.#path, PATIENCE.write, () => this.#database.exec('COMMIT'), signal);
    this.log.touch();
  }

  /** Takes back what was not committed. */
  rollBack(): void {
    rollBack(this.#database);
  }

  /** Closes the connection. `complete`: what was written is durable, whatever happens to the log. */
  async close(complete: boolean): Promise<void> {
    this.rollBack();
    try {
      if (complete) await this.log.sync();
      if (this.opened.rollback) this.log.leave();
    } catch (error) {
      if (complete) throw error;
    } finally {
      await this.log.close();
      this.#database.close();
    }
    if (complete) await syncDirectory(dirname(await realpath(this.#path)));
  }

  #insertAll<R extends Records>(binder: RowBinder<R>, records: R): readonly Refusal[] {
    const inserter = this.#inserter;
    if (!inserter) return Array.from({ length: records.count }, (_, index) => noColumns(index));
    inserter.begin();
    for (let index = 0; index < records.count; index++) {
      if (binder.bind(records, index, inserter.values, inserter.at)) inserter.add(index, binder.uniform);
      else inserter.refuse({ index, reason: binder.reason, message: binder.problem });
    }
    inserter.finish();
    return inserter.refused;
  }
}

async function connect({ path }: SqliteSettings, { mark }: OpenTarget): Promise<Database> {
  const found = await databaseFile(path);
  if (found !== 'present' && mark !== null) {
    throw new TrancheError('target_changed', `${path}: the database is gone that this job was writing`, {
      path,
      hint: 'bring it back, or start from the beginning with --fresh',
    });
  }
  if (found === 'missing') await createDatabaseFile(path);
  const database = await openDatabase(path, { existing: true });
  if (found !== 'present') database.pragma(`page_size = ${PAGE_BYTES}`);
  return database;
}

/** An error of its own says less than the one that led here. */
function rollBack(database: Database): void {
  try {
    if (database.inTransaction) database.exec('ROLLBACK');
  } catch {
    // The transaction ends with the connection at the latest.
  }
}

function noColumns(index: number): Refusal {
  return { index, reason: 'refused', message: 'no column is known that the record could go into' };
}
