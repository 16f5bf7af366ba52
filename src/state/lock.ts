import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import { ioError, systemCode, TrancheError } from '../core/errors.js';
import { type Database, openDatabase, quoteText, sqliteError } from '../sqlite/driver.js';
import { jobFiles } from './job-directory.js';

/** The right to run a job. It ends with the process, however that ends. */
export interface Lock {
  /** Lets others run the job. May be called twice. */
  release(): Promise<void>;
}

/** Who runs a job. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

/**
 * Milliseconds to wait for somebody who only looks whether the job is locked; who runs it holds on for
 * longer.
 */
const PATIENCE = 200;
/** The same for {@link lockHolder}, whose own look takes less than a millisecond. */
const GLANCE = 50;

/** Connections that hold a lock: the kernel's lock would end when the garbage collector closed one. */
const held = new Set<Database>();

/**
 * Takes the lock of the job in `directory`, which must exist. Throws `job_locked`, naming the holder, if a
 * living process has it, this one included.
 *
 * The lock is a write transaction on a small SQLite file, which the kernel ends with its process: no file
 * ages, no pids to be guessed about. Others can still read the file while it lasts, and see there who holds
 * it. That is written in a transaction before the one that lasts.
 */
export async function acquireLock(
  directory: string,
  who: { readonly job: string; readonly pid: number; readonly host: string },
): Promise<Lock> {
  const path = jobFiles(directory).lock;
  for (;;) {
    const file = await createFile(path);
    const connection = await openDatabase(path, { existing: true, busyTimeout: PATIENCE });
    try {
      begin(connection, who);
    } catch (error) {
      const failure = isBusy(error)
        ? lockedError(who.job, path, readHolder(connection), error)
        : brokenLock(path, error);
      connection.close();
      throw failure;
    }
    // The file may have been removed with its job before the lock was ours: then the lock is on nothing.
    if (file !== null && (await identity(path)) === file) {
      held.add(connection);
      return { release: async () => release(connection) };
    }
    connection.close();
  }
}

/**
 * Who runs the job in `directory` at this moment; null if nobody does. Does not get in the way of a run that
 * begins.
 */
export async function lockHolder(directory: string): Promise<LockHolder | null> {
  const path = jobFiles(directory).lock;
  if ((await identity(path)) === null) return null;
  const connection = await openDatabase(path, { existing: true, busyTimeout: GLANCE });
  try {
    connection.exec('BEGIN IMMEDIATE; ROLLBACK');
    return null;
  } catch (error) {
    if (isBusy(error)) return readHolder(connection);
    throw brokenLock(path, error);
  } finally {
    connection.close();
  }
}

/**
 * Says who we are and keeps the lock. All of it fits in the one page of the file, which is written at once,
 * so that no kill can leave a torn one: hence a view, which has no page of its own, and not a table. Nothing
 * is flushed: after a power cut nobody holds the lock.
 */
function begin(connection: Database, who: { readonly pid: number; readonly host: string }): void {
  const since = new Date().toISOString();
  const columns = `${Number(who.pid)} AS pid, ${quoteText(who.host)} AS host, ${quoteText(since)} AS since`;
  connection.exec(`
    PRAGMA page_size = 512; PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF;
    BEGIN IMMEDIATE;
    DROP VIEW IF EXISTS holder;
    CREATE VIEW holder AS SELECT ${columns};
    COMMIT;
    BEGIN IMMEDIATE`);
}

function release(connection: Database): void {
  held.delete(connection);
  connection.close();
}

/** Makes the file where it is missing, and answers its identity. */
async function createFile(path: string): Promise<string | null> {
  try {
    // Never opened this way once it exists: closing any descriptor of a file ends its process's locks on it.
    const { O_CREAT, O_EXCL, O_WRONLY } = constants;
    await (await open(path, O_CREAT | O_EXCL | O_WRONLY, 0o600)).close();
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw ioError('create', path, error);
  }
  return identity(path);
}

/** What tells this file from a later one with its name; null if there is none. */
async function identity(path: string): Promise<string | null> {
  try {
    const stats = await lstat(path);
    if (stats.isFile()) return `${stats.dev}:${stats.ino}`;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw ioError('read', path, error);
  }
  const hint = `find out who put it there, then remove ${path}`;
  throw new TrancheError('io', `cannot lock ${path}: it is not a plain file`, {
    operation: 'lock',
    path,
    hint,
  });
}

function isBusy(error: unknown): boolean {
  return systemCode(error)?.startsWith('SQLITE_BUSY') ?? false;
}

/** Null while the holder is still about to write its name. */
function readHolder(connection: Database): LockHolder | null {
  try {
    return connection.prepare<[], LockHolder>('SELECT pid, host, since FROM holder').get() ?? null;
  } catch {
    return null;
  }
}

function lockedError(job: string, path: string, holder: LockHolder | null, cause: unknown): TrancheError {
  const who = holder ? `process ${holder.pid} on ${holder.host} since ${holder.since}` : 'another process';
  const stop = holder ? ` or stop it there with "kill ${holder.pid}"` : '';
  return new TrancheError('job_locked', `job "${job}" is being run by ${who}`, {
    operation: 'lock',
    path,
    cause,
    hint: `wait until it ends${stop}, or give this run another --job name`,
  });
}

function brokenLock(path: string, cause: unknown): TrancheError {
  const { code, kind, message, hint } = sqliteError('lock', path, cause);
  const damaged = /NOTADB|CORRUPT/.test(systemCode(cause) ?? '');
  const remedy = damaged ? `remove ${path}: it holds nothing but the lock` : hint;
  return new TrancheError(code, message, {
    kind,
    operation: 'lock',
    path,
    cause,
    ...(remedy ? { hint: remedy } : {}),
  });
}
