import { createHash } from 'node:crypto';
import { TrancheError } from '../../core/errors.js';
import type { Records } from '../../core/records.js';
import type { OpenTarget, Refusal } from '../../core/target.js';
import { Connection } from '../../mysql/driver.js';
import type { LineEncoder } from './line-encoder.js';
import { RowInserter } from './row-inserter.js';
import { loadRows } from './row-loader.js';
import { type MysqlSettings, nameOf } from './settings.js';
import type { InsertInto } from './statements.js';

/** Seconds to wait for another run to let go of the job: a killed one does as soon as the server notices. */
const LOCK_SECONDS = 5;

interface ServerFacts {
  readonly version: string;
  readonly local_: number | string;
  readonly packet: number | string;
}

/** A connection that holds the job's lock. What is to be written is a transaction: `begin`, `insert`, `commit`. */
export class Session {
  readonly connection: Connection;
  readonly #facts: ServerFacts;
  #local: boolean;

  private constructor(connection: Connection, facts: ServerFacts) {
    this.connection = connection;
    this.#facts = facts;
    this.#local = Number(facts.local_) === 1;
  }

  /** Connects; with `locks`, takes the lock that keeps other runs of the job out. Throws `job_locked` if one of them has it. */
  static async open(
    settings: MysqlSettings,
    how: Pick<OpenTarget, 'job'>,
    locks: boolean,
    signal: AbortSignal,
  ): Promise<Session> {
    const connection = await Connection.open(settings.place, signal);
    try {
      if (locks) await takeLock(connection, settings, how.job, signal);
      const [facts] = await connection.query<ServerFacts>(
        'SELECT VERSION() AS version, @@local_infile AS local_, @@max_allowed_packet AS packet',
      );
      return new Session(connection, facts!);
    } catch (error) {
      connection.destroy();
      throw error;
    }
  }

  async begin(signal: AbortSignal): Promise<void> {
    await this.connection.run('START TRANSACTION', [], signal);
  }

  /** Puts records in; answers those that were refused, in order of their index. */
  async insert(
    records: Records,
    into: InsertInto,
    encoder: LineEncoder,
    signal: AbortSignal,
  ): Promise<readonly Refusal[]> {
    const misfits = encoder.encode(records);
    const { lines } = encoder;
    if (lines.count === 0) return misfits;
    const how = { connection: this.connection, into, tellsRows: this.#tellsRows(), signal };
    if (this.#local && into.onConflict === 'error') {
      const loaded = await loadRows(lines, how);
      if (loaded === 'forbidden') this.#local = false;
      else if (loaded !== 'unknown') return merged(misfits, loaded);
    }
    return merged(misfits, await new RowInserter(how, Number(this.#facts.packet)).insert(lines));
  }

  async commit(signal: AbortSignal): Promise<void> {
    await this.connection.run('COMMIT', [], signal);
  }

  /** Takes back what was not committed. The error that led here says more than one of its own. */
  async rollBack(): Promise<void> {
    if (this.connection.isAlive) await this.connection.run('ROLLBACK').catch(() => this.connection.destroy());
  }

  /** MariaDB since 10.7 keeps the row of each error, also where its message leaves it out. */
  #tellsRows(): boolean {
    const [, major, minor] = /^(\d+)\.(\d+)\..*MariaDB/i.exec(this.#facts.version) ?? [];
    return Number(major) > 10 || (Number(major) === 10 && Number(minor) >= 7);
  }
}

async function takeLock(
  connection: Connection,
  settings: MysqlSettings,
  job: string,
  signal: AbortSignal,
): Promise<void> {
  const name = lockName(settings, job);
  const [row] = await connection.query<{ readonly taken: number | null }>(
    `SELECT GET_LOCK(?, ${LOCK_SECONDS}) AS taken`,
    [name],
    signal,
  );
  if (Number(row?.taken) === 1) return;
  const path = nameOf(settings);
  throw new TrancheError('job_locked', `${path}: another run of job ${job} is writing`, {
    path,
    hint: 'wait for that run, or end it',
  });
}

/** Locks belong to the whole server, and their names have at most 64 characters. */
function lockName({ ledgerDatabase }: MysqlSettings, job: string): string {
  const hash = createHash('sha256').update(`${ledgerDatabase}\n${job}`).digest('hex');
  return `tranche ${hash.slice(0, 40)}`;
}

function merged(some: readonly Refusal[], others: readonly Refusal[]): readonly Refusal[] {
  if (some.length === 0) return others;
  return [...some, ...others].sort((one, other) => one.index - other.index);
}
