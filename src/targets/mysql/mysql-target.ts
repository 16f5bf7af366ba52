import { setTimeout as sleep } from 'node:timers/promises';
import { TrancheError } from '../../core/errors.js';
import type { Mark } from '../../core/position.js';
import type * as core from '../../core/target.js';
import type { OpenTarget, Refusal, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import { Connection } from '../../mysql/driver.js';
import { mysqlError, serverErrorNumber } from '../../mysql/errors.js';
import { checkColumns } from './check-columns.js';
import { withJobLock } from './job-lock.js';
import { Ledger } from './ledger.js';
import { LineEncoder } from './line-encoder.js';
import { planTable, prepareTable } from './prepare-table.js';
import { Session } from './session.js';
import { type MysqlSettings, nameOf } from './settings.js';
import type { InsertInto } from './statements.js';

/** Milliseconds between attempts to ask what became of a COMMIT. */
const ASK_AGAIN = { first: 100, most: 5000 };

/** Attempts at the last entry of a run, which nothing else would try again. */
const RECORD_ATTEMPTS = 3;

/** A job that this run holds in the ledger. */
interface Claim {
  readonly job: string;
  readonly epoch: number;
}

/** A batch whose COMMIT was not answered. */
interface Unsure {
  readonly entry: string;
  readonly written: Written;
  readonly rows: number;
}

/** A table of a MySQL or MariaDB database. Each batch is one transaction with its entry in the table `tranche_ledger`. */
export class MysqlTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits;
  readonly ledger?: core.Ledger;
  readonly #settings: MysqlSettings;
  readonly #ledger: Ledger | null;
  #session: Session | null = null;
  /** Outlives the connection: the last entry comes when that is closed. */
  #claim: Claim | null = null;
  #job = '';
  #into: InsertInto | null = null;
  #encoder: LineEncoder | null = null;
  #rows = 0;
  #unsure: Unsure | null = null;

  constructor(settings: MysqlSettings) {
    this.#settings = Object.freeze({ ...settings });
    this.name = nameOf(settings);
    this.#ledger = settings.ledgerDatabase === null ? null : new Ledger(settings.ledgerDatabase, this.name);
    this.traits = traitsOf(settings);
    if (this.#ledger !== null) {
      this.ledger = { recall: job => this.#recall(job), record: entry => this.#record(entry) };
    }
  }

  async open(how: OpenTarget): Promise<Mark> {
    checkColumns(this.name, how.columns, this.#settings.key);
    try {
      await this.#open(how);
    } catch (error) {
      this.#session?.connection.destroy();
      this.#session = null;
      throw mysqlError('open', this.name, error);
    }
    return this.#mark();
  }

  async write(how: WriteBatch): Promise<Written> {
    try {
      return (await this.#settle(how.signal)) ?? (await this.#write(how));
    } catch (error) {
      await this.#session?.rollBack();
      throw mysqlError('write', this.name, error);
    }
  }

  /** A COMMIT is durable when the server answers it. */
  async sync(): Promise<void> {}

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = null;
    await session?.rollBack();
    await session?.connection.end();
  }

  async #open(how: OpenTarget): Promise<void> {
    const session = await Session.open(this.#settings, how.signal);
    this.#session = session;
    this.#job = how.job;
    if (how.checkpoints && this.#ledger) await this.#claimTable(session.connection, this.#ledger, how);
    else this.#into = await this.#prepare(session.connection, how);
    this.#encoder = new LineEncoder(this.#into?.columns ?? []);
  }

  async #claimTable(connection: Connection, ledger: Ledger, how: OpenTarget): Promise<void> {
    const lock = { scope: this.#settings.ledgerDatabase ?? '', job: how.job, path: this.name };
    await withJobLock(connection, lock, async () => {
      this.#into = await this.#prepare(connection, how, async () => {
        const { epoch, rows } = await ledger.claim(connection, how);
        this.#claim = { job: how.job, epoch };
        this.#rows = rows;
      });
      if (how.mark === null && how.ledger !== null && this.#claim)
        await ledger.write(connection, this.#claim, how.ledger, 0);
    });
  }

  /** What is wrong with the table is found before anything is changed; then the job is claimed, then the table made. */
  async #prepare(
    connection: Connection,
    how: OpenTarget,
    claim?: () => Promise<void>,
  ): Promise<InsertInto | null> {
    const plan = await planTable(connection, this.#settings, how.columns, how.mark !== null);
    await claim?.();
    return await prepareTable(connection, this.#settings, how.columns, plan);
  }

  async #write({ records, signal, seal }: WriteBatch): Promise<Written> {
    const session = await this.#connected(signal);
    const into = this.#into;
    await session.begin(signal);
    const refused =
      into && into.columns.length > 0
        ? await session.insert(records, into, this.#encoder!, signal)
        : Array.from({ length: records.count }, (_, index) => noColumns(index));
    const count = records.count - refused.length;
    const entry = await seal(refused);
    const rows = this.#rows + count;
    if (this.#claim) await this.#ledger!.write(session.connection, this.#claim, entry, rows);
    const written = { mark: this.#mark(rows), count, refused };
    try {
      await session.commit(signal);
    } catch (error) {
      // Whatever it was: only the ledger knows whether the batch is in.
      session.connection.destroy();
      if (!this.#claim) throw serverErrorNumber(error) === undefined ? this.#lostCommit(error) : error;
      this.#unsure = { entry, written, rows };
      const settled = await this.#settle(signal);
      if (!settled) throw error;
      return settled;
    }
    this.#rows = rows;
    return written;
  }

  /** Finds out what became of a COMMIT without an answer: null if there was none, or if it did not happen. */
  async #settle(signal: AbortSignal): Promise<Written | null> {
    const unsure = this.#unsure;
    if (!unsure) return null;
    const row = await this.#ledgerRow(signal);
    if (row?.epoch !== this.#claim!.epoch) throw this.#ledger!.fenced(this.#job);
    this.#unsure = null;
    if (row.entry !== unsure.entry) return null;
    this.#rows = unsure.rows;
    return unsure.written;
  }

  /** The ledger's row, as soon as the server answers again and nobody is about to change it. */
  async #ledgerRow(signal: AbortSignal) {
    for (let delay = ASK_AGAIN.first; ; delay = Math.min(delay * 2, ASK_AGAIN.most)) {
      try {
        const { connection } = await this.#connected(signal);
        await connection.run('START TRANSACTION', [], signal);
        const row = await this.#ledger!.read(connection, this.#claim!.job, true);
        await connection.run('ROLLBACK', [], signal);
        return row;
      } catch (error) {
        if (mysqlError('read', this.name, error).kind !== 'transient' || signal.aborted) throw error;
        await sleep(delay, undefined, { signal });
      }
    }
  }

  /** The session, or a new one if the server or the network ended it. Whoever took the job over meanwhile is found when the ledger is written. */
  async #connected(signal: AbortSignal): Promise<Session> {
    const session = this.#session;
    if (session?.connection.isAlive) return session;
    session?.connection.destroy();
    this.#session = await Session.open(this.#settings, signal);
    return this.#session;
  }

  /** Without a ledger nobody can tell whether a COMMIT happened that was not answered. */
  #lostCommit(error: unknown): unknown {
    if (this.#ledger === null) return error;
    return new TrancheError(
      'io',
      `${this.name}: the connection was lost while the batch was committed, and without checkpoints there is no ledger that tells whether it was`,
      {
        path: this.name,
        cause: error,
        hint: 'look at the table, or run without --no-checkpoint',
      },
    );
  }

  async #recall(job: string): Promise<string | null> {
    return await this.#briefly(
      'read',
      async connection => (await this.#ledger!.read(connection, job))?.entry ?? null,
    );
  }

  /** The same entry twice does no harm, so a lost answer is no matter. */
  async #record(entry: string): Promise<void> {
    const claim = this.#claim;
    if (!claim) throw new TrancheError('internal', `${this.name} holds no job`);
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#briefly('write', connection => this.#ledger!.write(connection, claim, entry, this.#rows));
        return;
      } catch (error) {
        const isTransient = error instanceof TrancheError && error.kind === 'transient';
        if (!isTransient || attempt === RECORD_ATTEMPTS) throw error;
      }
    }
  }

  /** Does something on the session's connection, or on one of its own. */
  async #briefly<T>(operation: string, action: (connection: Connection) => Promise<T>): Promise<T> {
    const open = this.#session?.connection;
    try {
      if (open?.isAlive) return await action(open);
      const connection = await Connection.open(this.#settings.place);
      try {
        return await action(connection);
      } finally {
        await connection.end();
      }
    } catch (error) {
      throw mysqlError(operation, this.name, error);
    }
  }

  #mark(rows = this.#rows): Mark {
    return { epoch: this.#claim?.epoch ?? null, rows };
  }
}

function traitsOf({ ledgerDatabase }: MysqlSettings): TargetTraits {
  const rest = { batchSize: 10_000, cells: true, fixedColumns: true };
  if (ledgerDatabase === null) {
    const because = 'with --no-ledger, batches behind the last checkpoint are written again after a crash';
    return { guarantee: 'at least once', because, ...rest };
  }
  return {
    guarantee: 'exactly once',
    because: 'each batch and its checkpoint are one transaction of the database',
    ...rest,
  };
}

function noColumns(index: number): Refusal {
  return { index, reason: 'refused', message: 'no column is known that the record could go into' };
}
