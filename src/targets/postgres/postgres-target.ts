import { TrancheError } from '../../core/errors.js';
import type { Mark } from '../../core/position.js';
import type {
  Ledger,
  OpenTarget,
  Refusal,
  Target,
  TargetTraits,
  WriteBatch,
  Written,
} from '../../core/target.js';
import { isConnectionLost, postgresError } from '../../postgres/errors.js';
import type { WriteInto } from './prepare-table.js';
import type { RowWriter } from './row-writer.js';
import { type Claim, Session } from './session.js';
import type { PostgresSettings } from './settings.js';

/** Attempts at the last entry of a run, whose answer may be lost; nothing else would try it again. */
const RECORD_ATTEMPTS = 3;

/** A batch whose COMMIT was sent and never answered: the ledger tells what became of it. */
interface Doubt {
  readonly entry: string;
  readonly written: Written;
}

/** A table of PostgreSQL. Each batch is one transaction with its entry in the table `tranche_ledger`. */
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
    return this.#mark();
  }

  async write(how: WriteBatch): Promise<Written> {
    if (how.signal.aborted) throw givenUp(this.name, how.signal);
    const abort = (): void => void this.#session?.connection.close(true);
    how.signal.addEventListener('abort', abort, { once: true });
    try {
      const settled = await this.#settleDoubt();
      return settled ?? (await this.#write(how));
    } catch (error) {
      await this.#letGo();
      throw how.signal.aborted ? givenUp(this.name, how.signal) : error;
    } finally {
      how.signal.removeEventListener('abort', abort);
    }
  }

  /** A commit is durable when the server has answered it. */
  async sync(): Promise<void> {}

  async close(): Promise<void> {
    await this.#session?.connection.close();
    this.#session = null;
  }

  async #write({ records, seal }: WriteBatch): Promise<Written> {
    const session = await this.#connected();
    if (!this.#into) return refuseAll(records.count, this.#mark());
    this.#writer ??= session.writer(this.#into);
    const refused = await this.#writer.write(records);
    const count = records.count - refused.length;
    const rows = this.#rows + count;
    const written = { mark: this.#mark(rows), count, refused };
    const entry = await seal(refused);
    await this.#commit(session, { entry, written }, rows);
    this.#rows = rows;
    this.#entry = entry;
    return written;
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
    this.#writer = null;
    const session = await Session.connect(this.#settings);
    this.#session = session;
    if (this.#claim) await this.#takeBack(session, this.#claim);
    return session;
  }

  async #takeBack(session: Session, claim: Claim): Promise<void> {
    try {
      const { epoch, entry } = await session.takeBack(claim);
      const known = entry === this.#entry || (this.#doubt !== null && entry === this.#doubt.entry);
      if (!known) throw wentBack(this.name);
      this.#claim = { ...claim, epoch };
      this.#entry = entry;
    } catch (error) {
      this.#session = null;
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
    this.#session = null;
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

function traitsOf({ ledger }: PostgresSettings): TargetTraits {
  const common = { batchSize: 10_000, cells: true, fixedColumns: true };
  return ledger === false
    ? {
        guarantee: 'at least once',
        because: 'without a ledger nobody knows whether the batch behind the checkpoint was committed',
        ...common,
      }
    : {
        guarantee: 'exactly once',
        because: 'each batch and its checkpoint are one transaction of the database',
        ...common,
      };
}

function refuseAll(count: number, mark: Mark): Written {
  const refused = Array.from(
    { length: count },
    (_, index): Refusal => ({
      index,
      reason: 'refused',
      message: 'no column is known that the record could go into',
    }),
  );
  return { mark, count: 0, refused };
}

function givenUp(place: string, { reason }: AbortSignal): TrancheError {
  if (reason instanceof TrancheError) return reason;
  return new TrancheError('timeout', `gave up writing ${place}`, { kind: 'transient' });
}

function isTransient(error: unknown): boolean {
  return postgresError('write', '', error).kind === 'transient';
}

function wentBack(place: string): TrancheError {
  return new TrancheError(
    'target_changed',
    `${place}: the ledger is not what this run left there: the server was restored to an earlier time`,
    { path: place, hint: 'go on from what the ledger says with --resume' },
  );
}
