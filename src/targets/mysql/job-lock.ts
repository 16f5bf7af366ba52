import { createHash } from 'node:crypto';
import { TrancheError } from '../../core/errors.js';
import type { Connection } from '../../mysql/driver.js';

/** Seconds to wait for another run that is opening the same job. */
const PATIENCE = 10;

/**
 * Does something while no other run opens the job. Whoever comes next may take the job over: then the ledger's epoch fences this run. The lock ends with its
 * connection. Throws `job_locked`.
 */
export async function withJobLock<T>(
  connection: Connection,
  { scope, job, path }: { readonly scope: string; readonly job: string; readonly path: string },
  action: () => Promise<T>,
): Promise<T> {
  const name = lockName(scope, job);
  const [row] = await connection.query<{ readonly taken: number | string | null }>(
    `SELECT GET_LOCK(?, ${PATIENCE}) AS taken`,
    [name],
  );
  if (Number(row?.taken) !== 1) {
    throw new TrancheError('job_locked', `${path}: another run of job ${job} is just beginning`, {
      path,
      hint: 'wait for that run, or end it',
    });
  }
  const result = await action();
  await connection.query('SELECT RELEASE_LOCK(?)', [name]);
  return result;
}

/** Locks belong to the whole server, and their names have at most 64 characters. */
function lockName(scope: string, job: string): string {
  const hash = createHash('sha256').update(`${scope}\n${job}`).digest('hex');
  return `tranche ${hash.slice(0, 40)}`;
}
