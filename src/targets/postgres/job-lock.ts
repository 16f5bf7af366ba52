import { createHash } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { TrancheError } from '../../core/errors.js';
import type { PostgresConnection } from '../../postgres/connection.js';

/**
 * Milliseconds to wait for a session of our own whose connection was lost: the server may find out later than we do. Whoever meets a live run is told
 * within a second.
 */
const PATIENCE = 600;
const PAUSE = 30;

/**
 * Takes the advisory lock of a job, which the server keeps as long as the session lasts, so that a second live run finds out. What makes two runs
 * harmless is not this lock but the epoch in the ledger. Throws `job_locked`.
 */
export async function lockJob(
  connection: PostgresConnection,
  ledgerSchema: string,
  job: string,
  place: string,
): Promise<void> {
  const key = createHash('sha256').update(`tranche\0${ledgerSchema}\0${job}`).digest().readBigInt64BE(0);
  for (const end = performance.now() + PATIENCE; performance.now() < end; await setTimeout(PAUSE)) {
    const [row] = await connection.query('SELECT pg_try_advisory_lock($1) AS locked', [key]);
    if (row!['locked'] === 't') return;
  }
  const holder = await holderOf(connection, key);
  throw new TrancheError('job_locked', `${place}: another live run holds job ${job}${holder}`, {
    path: place,
    hint: 'wait for that run, or end it',
  });
}

async function holderOf(connection: PostgresConnection, key: bigint): Promise<string> {
  const [row] = await connection.query(
    `SELECT a.pid, a.application_name, a.client_addr FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.classid = (($1::bigint >> 32) & 4294967295)::oid AND l.objid = ($1::bigint & 4294967295)::oid
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [key],
  );
  if (!row) return '';
  return ` (session ${row['pid']}, ${row['application_name']}, from ${row['client_addr'] ?? 'this machine'})`;
}
