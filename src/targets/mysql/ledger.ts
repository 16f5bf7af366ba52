import { TrancheError } from '../../core/errors.js';
import type { OpenTarget } from '../../core/target.js';
import type { Connection } from '../../mysql/driver.js';
import { tableName } from './statements.js';

const TABLE = 'tranche_ledger';

/** What the ledger says of a job. */
export interface LedgerRow {
  readonly jobId: string;
  /** Raised each time the job is opened: who holds an older one has been replaced. */
  readonly epoch: number;
  /** Rows that the job has written. */
  readonly rows: number;
  readonly entry: string | null;
}

interface FoundRow {
  readonly job_id: string;
  readonly epoch: number | string;
  readonly written: number | string;
  readonly entry: string | null;
}

/** The table `tranche_ledger` of a database: a row a job, written in the transactions that write the job's data. */
export class Ledger {
  readonly #table: string;
  readonly #database: string;
  /** For messages. */
  readonly #path: string;

  constructor(database: string, path: string) {
    this.#database = database;
    this.#table = tableName(database, TABLE);
    this.#path = path;
  }

  /** The row of a job; null if there is none. `lock`: waits until nobody is writing it, and keeps others from it to the end of the transaction. */
  async read(connection: Connection, job: string, lock = false): Promise<LedgerRow | null> {
    if (!(await this.#exists(connection))) return null;
    const [row] = await connection.query<FoundRow>(
      `SELECT job_id, epoch, \`rows\` AS written, entry FROM ${this.#table} WHERE job = ?${lock ? ' FOR UPDATE' : ''}`,
      [job],
    );
    return row
      ? { jobId: row.job_id, epoch: Number(row.epoch), rows: Number(row.written), entry: row.entry }
      : null;
  }

  /**
   * Takes the job over for this run and answers its epoch and rows. A job that starts from the beginning has no entry yet: that comes when its table is ready. Throws `target_changed` if the ledger does not know the job that the checkpoint speaks of,
   * `job_locked` if it has gone on since it was recalled.
   */
  async claim(
    connection: Connection,
    how: OpenTarget,
  ): Promise<{ readonly epoch: number; readonly rows: number }> {
    await this.#create(connection);
    await connection.run('START TRANSACTION');
    const row = await this.read(connection, how.job, true);
    if (how.mark !== null) this.#check(how, row);
    const epoch = (row?.epoch ?? 0) + 1;
    const rows = how.mark === null ? 0 : (row?.rows ?? 0);
    await connection.run(
      `REPLACE INTO ${this.#table} (job, job_id, epoch, \`rows\`, entry, updated_at) VALUES (?, ?, ?, ?, ?, ?)`,
      [how.job, how.jobId, epoch, rows, how.mark === null ? null : how.ledger, new Date().toISOString()],
    );
    await connection.run('COMMIT');
    return { epoch, rows };
  }

  /** Writes a job's entry as long as the job is ours. Throws `job_fenced` if another run took it over. */
  async write(
    connection: Connection,
    { job, epoch }: { readonly job: string; readonly epoch: number },
    entry: string,
    rows: number,
  ): Promise<void> {
    const { rows: found } = await connection.run(
      `UPDATE ${this.#table} SET entry = ?, \`rows\` = ?, updated_at = ? WHERE job = ? AND epoch = ?`,
      [entry, rows, new Date().toISOString(), job, epoch],
    );
    if (found === 0) throw this.fenced(job);
  }

  /** Another run has the job. */
  fenced(job: string): TrancheError {
    return new TrancheError(
      'job_fenced',
      `${this.#path}: another run took over job ${job}; nothing more is written`,
      { path: this.#path, hint: 'leave the other run alone: it goes on from here' },
    );
  }

  async #exists(connection: Connection): Promise<boolean> {
    const found = await connection.query(
      'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
      [this.#database, TABLE],
    );
    return found.length > 0;
  }

  /** Not asked for where it exists: the user may not be allowed to make tables. */
  async #create(connection: Connection): Promise<void> {
    if (await this.#exists(connection)) return;
    await connection.run(
      `CREATE TABLE IF NOT EXISTS ${this.#table} (job VARCHAR(255) NOT NULL PRIMARY KEY, job_id VARCHAR(64) NOT NULL, epoch BIGINT NOT NULL,
        \`rows\` BIGINT NOT NULL, entry LONGTEXT, updated_at VARCHAR(32) NOT NULL)
        ENGINE = InnoDB ROW_FORMAT = DYNAMIC DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
  }

  #check({ job, jobId, ledger }: OpenTarget, row: LedgerRow | null): void {
    if (row?.jobId !== jobId) {
      const what = row ? 'belongs to another start of' : 'is missing for';
      throw new TrancheError(
        'target_changed',
        `${this.#path}: the entry in its tranche_ledger ${what} job ${job}`,
        {
          path: this.#path,
          hint: 'the checkpoint was made with another database, or with the database of another time: bring that back, or start from the beginning with --fresh',
        },
      );
    }
    if (row.entry !== ledger) {
      throw new TrancheError(
        'job_locked',
        `${this.#path}: another run of job ${job} has just written to it`,
        {
          path: this.#path,
          hint: 'wait for that run, or end it',
        },
      );
    }
  }
}
