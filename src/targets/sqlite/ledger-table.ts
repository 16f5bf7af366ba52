import { TrancheError } from '../../core/errors.js';
import type { OpenTarget } from '../../core/target.js';
import { type Database, type Statement, sqliteError } from '../../sqlite/driver.js';

const CREATE = `CREATE TABLE IF NOT EXISTS tranche_ledger
  (job TEXT PRIMARY KEY, job_id TEXT, epoch INTEGER, "rows" INTEGER, entry TEXT, updated_at TEXT)`;

/** What the ledger says of a job. */
export interface LedgerRow {
  readonly job_id: string;
  /** Raised each time the job is opened: who holds an older one has been replaced. */
  readonly epoch: number;
  /** Rows that the job has written. */
  readonly rows: number;
  readonly entry: string | null;
}

/** The row of a job, or null if there is none. */
export function readLedger(database: Database, job: string): LedgerRow | null {
  const made = database.prepare(
    "SELECT 1 FROM sqlite_schema WHERE name = 'tranche_ledger' AND type = 'table'",
  );
  if (made.get() === undefined) return null;
  const row = database
    .prepare('SELECT job_id, epoch, "rows", entry FROM tranche_ledger WHERE job = ?')
    .get(job);
  return (row as LedgerRow | undefined) ?? null;
}

/**
 * Takes the job's row over for this run and answers its epoch and rows. To be called in the transaction that opens the table. Throws
 * `target_changed` if the ledger does not know the job that the checkpoint speaks of, `job_locked` if it has gone on since it was recalled.
 */
export function claimLedger(
  database: Database,
  path: string,
  how: OpenTarget,
): { readonly epoch: number; readonly rows: number } {
  const row = readLedger(database, how.job);
  if (how.mark !== null) checkLedger(path, how, row);
  database.exec(CREATE);
  const epoch = (row?.epoch ?? 0) + 1;
  const rows = how.mark === null ? 0 : (row?.rows ?? 0);
  database
    .prepare(
      'INSERT OR REPLACE INTO tranche_ledger (job, job_id, epoch, "rows", entry, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    .run(how.job, how.jobId, BigInt(epoch), BigInt(rows), how.ledger, new Date().toISOString());
  return { epoch, rows };
}

function checkLedger(path: string, { job, jobId, ledger }: OpenTarget, row: LedgerRow | null): void {
  if (row?.job_id !== jobId) {
    const what = row ? 'belongs to another start of' : 'is missing for';
    throw new TrancheError('target_changed', `${path}: the entry in its tranche_ledger ${what} job ${job}`, {
      path,
      hint: 'the checkpoint was made with another database, or with the database of another time: bring that back, or start from the beginning with --fresh',
    });
  }
  if (row.entry !== ledger) {
    throw new TrancheError('job_locked', `${path}: another run of job ${job} has just written to it`, {
      path,
      hint: 'wait for that run, or end it',
    });
  }
}

/** Writes a job's entry as long as the job is ours. */
export class LedgerEntry {
  readonly #path: string;
  readonly #job: string;
  readonly #epoch: number;
  readonly #update: Statement;

  constructor(database: Database, path: string, job: string, epoch: number) {
    this.#path = path;
    this.#job = job;
    this.#epoch = epoch;
    this.#update = database.prepare(
      'UPDATE tranche_ledger SET entry = ?, "rows" = ?, updated_at = ? WHERE job = ? AND epoch = ?',
    );
  }

  /** Throws `job_fenced` if another run took the job over. */
  write(entry: string, rows: number): void {
    if (this.#run(entry, rows) > 0) return;
    throw new TrancheError(
      'job_fenced',
      `${this.#path}: another run took over job ${this.#job}; nothing more is written`,
      {
        path: this.#path,
        hint: 'leave the other run alone: it goes on from here',
      },
    );
  }
  #run(entry: string, rows: number): number {
    const time = new Date().toISOString();
    try {
      return this.#update.run(entry, BigInt(rows), time, this.#job, BigInt(this.#epoch)).changes;
    } catch (error) {
      throw sqliteError('write', this.#path, error);
    }
  }
}
