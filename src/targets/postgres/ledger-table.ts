import { TrancheError } from '../../core/errors.js';
import type { OpenTarget } from '../../core/target.js';
import type { PostgresConnection } from '../../postgres/connection.js';
import { serverError } from '../../postgres/errors.js';
import { quoteIdentifier, quoteText } from '../../postgres/sql.js';

const DIVISION_BY_ZERO = '22012';

/** What the ledger says of a job. */
export interface LedgerRow {
  readonly jobId: string;
  /** Raised each time the job is opened, or its connection made anew: who holds an older one has been replaced. */
  readonly epoch: bigint;
  /** Rows that the job has written. */
  readonly rows: number;
  readonly entry: string | null;
}

/** The table `tranche_ledger` in one schema. */
export class LedgerTable {
  readonly #connection: PostgresConnection;
  readonly #schema: string;
  readonly #name: string;
  readonly #place: string;

  constructor(connection: PostgresConnection, schema: string, place: string) {
    this.#connection = connection;
    this.#schema = schema;
    this.#name = `${quoteIdentifier(schema)}.tranche_ledger`;
    this.#place = place;
  }

  /** The row of a job; null if there is none, or no ledger. */
  async read(job: string): Promise<LedgerRow | null> {
    const exists = await this.#connection.query(
      `SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = 'tranche_ledger' AND c.relkind IN ('r', 'p')`,
      [this.#schema],
    );
    if (exists.length === 0) return null;
    const [row] = await this.#connection.query(
      `SELECT job_id, epoch, "rows", entry FROM ${this.#name} WHERE job = $1`,
      [job],
    );
    if (!row) return null;
    return {
      jobId: row['job_id'] ?? '',
      epoch: BigInt(row['epoch'] ?? 0),
      rows: Number(row['rows']),
      entry: row['entry'] ?? null,
    };
  }

  /**
   * Takes the job's row over for this run and answers its epoch and rows. To be called in the transaction that opens the table. Throws
   * `target_changed` if the ledger does not know the job that the checkpoint speaks of, `job_locked` if it has gone on since it was recalled.
   */
  async claim(how: OpenTarget): Promise<{ readonly epoch: bigint; readonly rows: number }> {
    await this.#connection.run(
      `CREATE TABLE IF NOT EXISTS ${this.#name} (job text PRIMARY KEY, job_id text NOT NULL,
         epoch bigint NOT NULL, "rows" bigint NOT NULL, entry text, updated_at timestamptz NOT NULL)`,
    );
    // Whoever holds the row lets go of it first, and is out of date afterwards.
    await this.#connection.query(`SELECT 1 FROM ${this.#name} WHERE job = $1 FOR UPDATE`, [how.job]);
    const row = await this.read(how.job);
    if (how.mark !== null) this.#check(how, row);
    const rows = how.mark === null ? 0 : (row?.rows ?? 0);
    const [claimed] = await this.#connection.query(
      `INSERT INTO ${this.#name} AS l (job, job_id, epoch, "rows", entry, updated_at)
       VALUES ($1, $2, 1, $3, $4, now())
       ON CONFLICT (job) DO UPDATE SET job_id = excluded.job_id, epoch = l.epoch + 1,
         "rows" = excluded."rows", entry = excluded.entry, updated_at = excluded.updated_at
       RETURNING epoch`,
      [how.job, how.jobId, rows, how.ledger],
    );
    return { epoch: BigInt(claimed!['epoch']!), rows };
  }

  /** Writes a job's entry as long as the job is ours. Throws `job_fenced` if it is not. */
  async write(job: string, epoch: bigint, entry: string, rows: number): Promise<void> {
    const written = await this.#connection.query(
      `UPDATE ${this.#name} SET entry = $3, "rows" = $4, updated_at = now() WHERE job = $1 AND epoch = $2 RETURNING 1`,
      [job, epoch, entry, rows],
      'tranche_entry',
    );
    if (written.length === 0) throw this.fenced(job);
  }

  /** Writes a job's entry and commits, in one message: a batch waits once for the server. Throws `job_fenced` if the job is not ours; nothing is committed then. */
  async commit(job: string, epoch: bigint, entry: string, rows: number): Promise<void> {
    await this.unlessFenced(job, () => this.#connection.run(this.commitStatement(job, epoch, entry, rows)));
  }

  /** Statements that write a job's entry and commit. They fail before the COMMIT if the job is not ours: see {@link unlessFenced}. */
  commitStatement(job: string, epoch: bigint, entry: string, rows: number): string {
    // Without a row to update the division fails, and what stands behind it is not run.
    const update = `UPDATE ${this.#name} SET entry = ${quoteText(entry)}, "rows" = ${rows}, updated_at = now()
      WHERE job = ${quoteText(job)} AND epoch = ${epoch} RETURNING 1`;
    return `WITH mine AS (${update}) SELECT 1 / count(*) FROM mine; COMMIT`;
  }

  /** Runs what runs {@link commitStatement}. Throws `job_fenced` if that found the job in other hands. */
  async unlessFenced(job: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (serverError((error as TrancheError).cause)?.sqlState === DIVISION_BY_ZERO) throw this.fenced(job);
      throw error;
    }
  }

  /**
   * Goes on over a new connection: raises the epoch, so that nothing can come any more from the one before, and answers what the ledger says.
   * Throws `job_fenced` if the job is not ours any more.
   */
  async takeBack(job: string, epoch: bigint): Promise<LedgerRow> {
    const [row] = await this.#connection.query(
      `UPDATE ${this.#name} SET epoch = epoch + 1 WHERE job = $1 AND epoch = $2 RETURNING job_id, epoch, "rows", entry`,
      [job, epoch],
    );
    if (!row) throw this.fenced(job);
    return {
      jobId: row['job_id']!,
      epoch: BigInt(row['epoch']!),
      rows: Number(row['rows']),
      entry: row['entry'] ?? null,
    };
  }

  fenced(job: string): TrancheError {
    return new TrancheError(
      'job_fenced',
      `${this.#place}: another run took over job ${job}; nothing more is written`,
      { path: this.#place, hint: 'leave the other run alone: it goes on from here' },
    );
  }

  #check({ job, jobId, ledger }: OpenTarget, row: LedgerRow | null): void {
    if (row?.jobId !== jobId) {
      const what = row ? 'belongs to another start of' : 'is missing for';
      throw new TrancheError(
        'target_changed',
        `${this.#place}: the entry in ${this.#name} ${what} job ${job}`,
        {
          path: this.#place,
          hint: 'the checkpoint was made with another database, or with the database of another time: bring that back, or start from the beginning with --fresh',
        },
      );
    }
    if (row.entry !== ledger) {
      throw new TrancheError(
        'job_locked',
        `${this.#place}: another run of job ${job} has just written to it`,
        { path: this.#place, hint: 'wait for that run, or end it' },
      );
    }
  }
}
