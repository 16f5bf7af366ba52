import type { Mark } from '../../core/position.js';
import type { Ledger, OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import { isConnectionLost } from '../../postgres/errors.js';
import { CommitQueue, type Group, MOST_WAITING } from './commit-queue.js';
import { connectionLost, givenUp, isTransient, refuseAll, wentBack } from './failures.js';
import type { WriteInto } from './prepare-table.js';
import type { RowWriter } from './row-writer.js';
import { type Claim, Session } from './session.js';
import type { PostgresSettings } from './settings.js';
import type { SureEncoder } from './sure-encoder.js';
import { traitsOf } from './traits.js';

/** Attempts at the last entry of a run, whose answer may be lost; nothing else would try it again. */
const RECORD_ATTEMPTS = 3;

/** A batch whose COMMIT was sent and never answered: the ledger tells what became of it. */
interface Doubt {
  readonly entry: string;
  readonly written: Written;
}

/** Bytes that a run that goes on with a job writes with care before it goes on ahead of the server: what ended the run before is mostly among them, and if not the next is nearer. */
const CAREFUL_BYTES = 2 * MOST_WAITING;

/**
 * A table of PostgreSQL. Each batch is in one transaction with its entry in the table `tranche_ledger`. Batches that the server is sure to take are answered for at once and
 * committed while the next are made ready.
 */
export class PostgresTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits;
  readonly ledger?: Ledger;
  readonly #settings: PostgresSettings;
  #session: Session | null = null;
  #writer: RowWriter | null = null;
  #into: WriteInto | null = null;
  /** Outlives the connection. */
  #claim: Claim | null = null;
  #doubt: Doubt | null = null;
  readonly #queue = new CommitQueue(group => this.#commitGroup(group));
  /** Null where a row may be refused for another reason than a value's type. */
  #sure: SureEncoder | null = null;
  #carefulBytes = 0;
  #toldFailure: unknown = null;
  #connecting: Promise<Session> | null = null;
  /** The entry that the ledger is sure to hold. */
  #entry: string | null = null;
  #rows = 0;

  constructor(settings: PostgresSettings) {
    this.name = settings.place;
    this.#settings = Object.freeze({ ...settings });
    this.traits = traitsOf(settings);
    if (settings.ledger !== false) {
      this.ledger = {
        recall: job => this.#recall(job),
        record: entry => this.#record(entry),
      };
    }
  }

  async open(how: OpenTarget): Promise<Mark> {
    const session = await this.#connected();
    const { into, claim, rows } = await session.open(how);
    this.#into = into;
    this.#claim = claim;
    this.#rows = rows;
    this.#entry = how.ledger;
    this.#carefulBytes = how.mark === null ? 0 : CAREFUL_BYTES;
    this.#sure = claim && into && (await session.sureEncoder(into));
    return this.#mark();
  }

  async write(how: WriteBatch): Promise<Written> {
    return await this.#unlessAborted(how.signal, async () => {
      await this.#goOn();
      return (await this.#writeAhead(how)) ?? (await this.#writeNow(how));
    });
  }

  /** Waits for the batches that were answered for. */
  async sync(limit?: { readonly signal: AbortSignal }): Promise<void> {
    await this.#unlessAborted(limit?.signal, () => this.#settle());
  }

  async close(): Promise<void> {
    await this.#session?.connection.close();
    this.#session = null;
  }

  /** Answers for a batch before it is written; null if that cannot be done. */
  async #writeAhead({ records, seal }: WriteBatch): Promise<Written | null> {
    if (!this.#sure || this.#doubt || this.#carefulBytes > 0) return null;
    await this.#tell(this.#queue.room());
    const encoded = this.#sure.encode(records);
    if (!encoded) return null;
    const entry = await seal([]);
    this.#rows += records.count;
    this.#queue.add(encoded, records.count, entry, this.#rows);
    return { mark: this.#mark(), count: records.count, refused: [] };
  }

  /** Nobody else uses the connection as long as groups are under way. */
  async #commitGroup({ options, bytes, records, entry, rows }: Group): Promise<void> {
    const session = this.#session;
    if (!session || session.connection.isBroken) throw connectionLost(this.name);
    const ledger = session.ledger!;
    const { job, epoch } = this.#claim!;
    const commit = ledger.commitStatement(job, epoch, entry, rows);
    const writer = this.#writerOf(session, this.#into!);
    try {
      await ledger.unlessFenced(job, () => writer.writeSure(options, bytes, records, commit));
      this.#entry = entry;
    } catch (error) {
      await this.#letGo();
      throw error;
    }
  }

  /** Waits until what was answered for is committed. */
  async #settle(): Promise<void> {
    await this.#goOn();
    await this.#tell(this.#queue.settled());
  }

  /** After a failure behind an answer: throws it once, for whoever counts attempts, and then sends again what the ledger does not know. */
  async #goOn(): Promise<void> {
    const { failure } = this.#queue;
    if (failure === null) return;
    if (failure !== this.#toldFailure || !isTransient(failure)) await this.#tell(Promise.reject(failure));
    await this.#connected();
    if (this.#queue.failure === failure) this.#queue.goOn(this.#entry);
  }

  async #tell<T>(waiting: Promise<T>): Promise<T> {
    try {
      return await waiting;
    } catch (error) {
      this.#toldFailure = error;
      throw error;
    }
  }

  async #writeNow(how: WriteBatch): Promise<Written> {
    await this.#tell(this.#queue.settled());
    try {
      return (await this.#settleDoubt()) ?? (await this.#write(how));
    } catch (error) {
      await this.#letGo();
      throw error;
    }
  }

  async #write({ records, seal }: WriteBatch): Promise<Written> {
    const session = await this.#connected();
    if (!this.#into) return refuseAll(records.count, this.#mark());
    const writer = this.#writerOf(session, this.#into);
    const refused = await writer.write(records);
    const count = records.count - refused.length;
    const rows = this.#rows + count;
    const written = { mark: this.#mark(rows), count, refused };
    const entry = await seal(refused);
    await this.#commit(session, { entry, written }, rows);
    this.#rows = rows;
    this.#entry = entry;
    this.#carefulBytes -= writer.bytes;
    return written;
  }

  #writerOf(session: Session, into: WriteInto): RowWriter {
    this.#writer ??= session.writer(into);
    return this.#writer;
  }

  /** Ends the connection when the signal is aborted. */
  async #unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    if (signal?.aborted) throw givenUp(this.name, signal);
    const abort = (): void => void this.#session?.connection.close(true);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await work();
    } catch (error) {
      throw signal?.aborted ? givenUp(this.name, signal) : error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  async #commit(session: Session, doubt: Doubt, rows: number): Promise<void> {
    try {
      if (this.#claim) await session.ledger!.commit(this.#claim.job, this.#claim.epoch, doubt.entry, rows);
      else await session.connection.run('COMMIT');
    } catch (error) {
      if (isConnectionLost(error)) this.#doubt = doubt;
      throw error;
    }
  }

  /** What became of a batch whose COMMIT was not answered: null if it has to be written again, or if there is no doubt. */
  async #settleDoubt(): Promise<Written | null> {
    const doubt = this.#doubt;
    if (!doubt || !this.#claim) return null;
    await this.#connected();
    this.#doubt = null;
    if (this.#entry !== doubt.entry) return null;
    this.#rows += doubt.written.count;
    return doubt.written;
  }

  async #connected(): Promise<Session> {
    if (this.#session && !this.#session.connection.isBroken) return this.#session;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = null;
    });
    return await this.#connecting;
  }

  async #connect(): Promise<Session> {
    this.#writer = null;
    this.#session = null;
    const session = await Session.connect(this.#settings);
    if (this.#claim) await this.#takeBack(session, this.#claim);
    this.#session = session;
    return session;
  }

  async #takeBack(session: Session, claim: Claim): Promise<void> {
    try {
      const { epoch, entry } = await session.takeBack(claim);
      const known = entry === this.#entry || entry === this.#doubt?.entry || this.#queue.has(entry);
      if (!known) throw wentBack(this.name);
      this.#claim = { ...claim, epoch };
      this.#entry = entry;
    } catch (error) {
      await session.connection.close(true);
      throw error;
    }
  }

  /** After a failure: the transaction is taken back, or the connection is gone. */
  async #letGo(): Promise<void> {
    const session = this.#session;
    if (!session) return;
    await session.rollBack();
    if (!session.connection.isBroken) return;
    if (this.#session === session) this.#session = null;
    await session.connection.close(true);
  }

  async #recall(job: string): Promise<string | null> {
    const session = await Session.connect(this.#settings);
    try {
      return (await session.ledger!.read(job))?.entry ?? null;
    } finally {
      await session.connection.close();
    }
  }

  /** The same entry twice does no harm, so a lost answer is no matter. */
  async #record(entry: string): Promise<void> {
    const closes = this.#session === null;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#settle();
        const session = await this.#connected();
        const { job, epoch } = this.#claim!;
        await session.ledger!.write(job, epoch, entry, this.#rows);
        this.#entry = entry;
        if (closes) await this.close();
        return;
      } catch (error) {
        await this.#letGo();
        if (attempt === RECORD_ATTEMPTS || !isTransient(error)) throw error;
      }
    }
  }

  #mark(rows = this.#rows): Mark {
    return this.#claim ? { epoch: String(this.#claim.epoch), rows } : { rows };
  }
}
