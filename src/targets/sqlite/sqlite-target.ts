import { TrancheError } from '../../core/errors.js';
import type { Mark } from '../../core/position.js';
import type { Ledger, OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import { openDatabase } from '../../sqlite/driver.js';
import { checkColumns } from './check-columns.js';
import { LedgerEntry, readLedger } from './ledger-table.js';
import { databaseFile } from './open-file.js';
import { Session } from './session.js';
import type { SqliteSettings } from './settings.js';
import { whenFree } from './when-free.js';

/** Milliseconds to wait for somebody else's lock on the ledger. */
const PATIENCE = 10_000;

/** A job that this run holds in the ledger. */
interface Claim {
  readonly job: string;
  readonly epoch: number;
}

/** A table of an SQLite database. Each batch is one transaction with its entry in the table `tranche_ledger`. */
export class SqliteTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits = {
    guarantee: 'exactly once',
    because: 'each batch and its checkpoint are one transaction of the database',
    batchSize: 10_000,
    cells: true,
    fixedColumns: true,
  };
  readonly ledger: Ledger = {
    recall: job => this.#recall(job),
    record: entry => this.#record(entry),
  };
  readonly #settings: SqliteSettings;
  #session: Session | null = null;
  /** Outlives the connection: the last entry comes when that is closed. */
  #claim: Claim | null = null;
  #mark: Mark = {};
  #rows = 0;

  constructor(settings: SqliteSettings) {
    this.name = `sqlite:${settings.path}#${settings.table}`;
    this.#settings = Object.freeze({ ...settings });
  }

  async open(how: OpenTarget): Promise<Mark> {
    checkColumns(this.name, how.columns, this.#settings.key);
    this.#session = await Session.open(this.#settings, how);
    const { rows, epoch, rollback } = this.#session.opened;
    this.#claim = epoch === null ? null : { job: how.job, epoch };
    this.#rows = rows;
    this.#mark = { epoch, rollback, rows };
    return this.#mark;
  }

  async write({ records, signal, seal, demandWhole }: WriteBatch): Promise<Written> {
    const session = this.#opened();
    try {
      await session.begin(signal);
      const refused = session.insert(records);
      const count = records.count - refused.length;
      demandWhole(refused);
      session.entry?.write(await seal(refused), this.#rows + count);
      await session.commit(signal);
      this.#rows += count;
      this.#mark = { ...this.#mark, rows: this.#rows };
      return { mark: this.#mark, count, refused };
    } catch (error) {
      session.rollBack();
      throw error;
    }
  }

  async sync(): Promise<void> {
    await this.#session?.log.sync();
  }

  async close(complete: boolean): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.close(complete);
  }

  async #recall(job: string): Promise<string | null> {
    const { path } = this.#settings;
    if ((await databaseFile(path)) !== 'present') return null;
    // Not for reading only: what a killed run left behind may have to be rolled back first.
    const database = await openDatabase(path, { existing: true });
    try {
      return await whenFree('read', path, PATIENCE, () => readLedger(database, job)?.entry ?? null);
    } finally {
      database.close();
    }
  }

  async #record(entry: string): Promise<void> {
    const { path } = this.#settings;
    const session = this.#session;
    if (session) {
      await whenFree('write', path, PATIENCE, () => session.entry?.write(entry, this.#rows));
      session.log.touch();
      return;
    }
    const { job, epoch } = this.#claimed();
    const database = await openDatabase(path, { existing: true });
    try {
      database.pragma('synchronous = EXTRA');
      await whenFree('write', path, PATIENCE, () =>
        new LedgerEntry(database, path, job, epoch).write(entry, this.#rows),
      );
    } finally {
      database.close();
    }
  }

  #opened(): Session {
    if (this.#session) return this.#session;
    throw new TrancheError('internal', `${this.name} is not open`);
  }

  #claimed(): Claim {
    if (this.#claim) return this.#claim;
    throw new TrancheError('internal', `${this.name} holds no job`);
  }
}
