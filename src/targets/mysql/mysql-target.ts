import { setTimeout as sleep } from 'node:timers/promises';
import { isOfKind, TrancheError } from '../../core/errors.js';
import type { Mark } from '../../core/position.js';
import type * as core from '../../core/target.js';
import type { OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import { Connection } from '../../mysql/driver.js';
import { mysqlError } from '../../mysql/errors.js';
import { checkColumns } from './check-columns.js';
import { CommitBehind, lostCommit } from './commit-behind.js';
import { withJobLock } from './job-lock.js';
import { Ledger } from './ledger.js';
import { LineEncoder } from './line-encoder.js';
import { planTable, prepareTable } from './prepare-table.js';
import { Session } from './session.js';
import { type MysqlSettings, nameOf } from './settings.js';
import type { InsertInto } from './statements.js';
import { traitsOf } from './traits.js';

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
  /** Taken by turns: the lines of a batch are kept until its COMMIT is answered. */
  #encoders: readonly [LineEncoder, LineEncoder] | null = null;
  readonly #behind = new CommitBehind();
  /** Settled when nobody uses the connection. */
  #turn: Promise<unknown> = Promise.resolve();
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
    return await this.#alone(async () => {
      try {
        await this.#sendAgain(how.signal);
        return (await this.#settle(how.signal)) ?? (await this.#write(how));
      } catch (error) {
        await this.#session?.rollBack();
        throw mysqlError('write', this.name, error);
      }
    });
  }

  /** Waits for the COMMIT that is under way. A COMMIT is durable when the server answers it. */
  async sync(limit?: { readonly signal: AbortSignal }): Promise<void> {
    const signal = limit?.signal;
    const giveUp = (): void => this.#session?.connection.destroy();
    signal?.addEventListener('abort', giveUp, { once: true });
    try {
      await this.#behind.answered().catch(() => this.#alone(() => this.#sendAgain(signal)));
    } catch (error) {
      throw mysqlError('write', this.name, error);
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

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
    const columns = this.#into?.columns ?? [];
    this.#encoders = [new LineEncoder(columns), new LineEncoder(columns)];
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
    const encoder = this.#encoders![0];
    // Nothing is done before what was given before, the COMMIT of the last batch above all.
    const [, refused] = await Promise.all([
      session.begin(signal),
      session.insert(records, this.#into, encoder, signal),
    ]);
    await this.#behind.answered();
    const count = records.count - refused.length;
    const entry = await seal(refused);
    const rows = this.#rows + count;
    if (this.#claim) await this.#ledger!.write(session.connection, this.#claim, entry, rows);
    const written = { mark: this.#mark(rows), count, refused };
    const isPlain = this.#claim !== null && session.hasLoaded && refused.length === 0;
    if (isPlain) this.#commitBehind(session, encoder, entry, rows);
    else await this.#commit(session, { entry, written, rows }, signal);
    this.#rows = rows;
    return written;
  }

  /** Lets the server commit while the next rows are on their way. */
  #commitBehind(session: Session, encoder: LineEncoder, entry: string, rows: number): void {
    this.#behind.begin({ entry, rows, lines: encoder.lines }, session.commit());
    this.#encoders = [this.#encoders![1], encoder];
  }

  async #commit(session: Session, unsure: Unsure, signal: AbortSignal): Promise<void> {
    try {
      await session.commit(signal);
    } catch (error) {
      // Whatever it was: only the ledger knows whether the batch is in.
      session.connection.destroy();
      if (!this.#claim) throw this.#ledger === null ? error : lostCommit(this.name, error);
      this.#unsure = unsure;
      if (!(await this.#settle(signal))) throw error;
    }
  }

  /** Sends the batch again that was answered for and is not there. Nobody else may use the connection. */
  async #sendAgain(signal?: AbortSignal): Promise<void> {
    const batch = this.#behind.failed;
    if (!batch) return;
    const session = await this.#connected(signal);
    await session.begin(signal);
    const row = await this.#ledger!.read(session.connection, this.#job, true);
    if (row?.epoch !== this.#claim!.epoch) throw this.#ledger!.fenced(this.#job);
    if (row.entry === batch.entry) {
      await session.rollBack();
    } else {
      await session.insertAgain(batch.lines, this.#into!, signal);
      await this.#ledger!.write(session.connection, this.#claim!, batch.entry, batch.rows);
      await session.commit(signal);
    }
    this.#behind.settle(batch);
  }

  /** One after the other: a transaction is nobody else's. */
  async #alone<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return await mine;
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
  async #connected(signal?: AbortSignal): Promise<Session> {
    const session = this.#session;
    if (session?.connection.isAlive) return session;
    session?.connection.destroy();
    this.#session = await Session.open(this.#settings, signal);
    return this.#session;
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
        await this.sync();
        await this.#briefly('write', connection => this.#ledger!.write(connection, claim, entry, this.#rows));
        return;
      } catch (error) {
        if (!isOfKind(error, 'transient') || attempt === RECORD_ATTEMPTS) throw error;
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
