import { lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { ioError, systemCode, TrancheError } from '../core/errors.js';
import { syncDirectory } from '../durable/directory.js';

/** Paths of the files that a job keeps in its directory. */
export interface JobFiles {
  readonly checkpoint: string;
  readonly rejects: string;
  readonly journal: string;
  readonly lock: string;
}

/** Where the files of the job with this directory are. */
export function jobFiles(directory: string): JobFiles {
  return {
    checkpoint: join(directory, 'checkpoint.json'),
    rejects: join(directory, 'rejects.ndjson'),
    journal: join(directory, 'journal.ndjson'),
    lock: join(directory, 'lock'),
  };
}

/** The directory for what becomes of a job's rejects. */
export function retryDirectory(directory: string): string {
  return join(directory, 'retry');
}

/** The absolute path of a job's directory. Throws a `usage` error for a name that no job can have. */
export function jobDirectory(stateDir: string, job: string): string {
  if (!isJobName(job)) {
    throw new TrancheError('usage', `"${job}" cannot be the name of a job`, {
      operation: 'job',
      hint: 'use at most 100 letters, digits, ".", "_" and "-", and begin with a letter, a digit or "_"',
    });
  }
  return join(resolve(stateDir), job);
}

/**
 * Makes a job's directory, durably and for its owner alone, where it does not exist; the state directory too.
 * A symbolic link in its place is refused: somebody else could choose where the job's data go. (The state
 * directory itself is the person's choice and may be a link.)
 */
export async function createJobDirectory(directory: string): Promise<void> {
  const stateDir = dirname(directory);
  await makeStateDirectory(stateDir);
  try {
    await makeDirectory(directory);
  } catch (error) {
    throw ioError('create the job directory', directory, error);
  }
  // Also if it was there: the run that made it may have been killed before this.
  await syncDirectory(stateDir);
}

/** Throws `io` if something else than a file is where a file of the job should be: a symbolic link would lead its data elsewhere. */
export async function demandPlainFiles(directory: string): Promise<void> {
  for (const path of Object.values(jobFiles(directory))) await demandPlainFile(path);
}

/** The names of all jobs in a state directory, sorted; none if it does not exist. */
export async function listJobs(stateDir: string): Promise<string[]> {
  try {
    const names = await readdir(stateDir);
    const jobs = await Promise.all(names.map(name => isJobName(name) && isJob(join(stateDir, name))));
    return names.filter((_, i) => jobs[i]).sort();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioError('list the jobs in', stateDir, error);
  }
}

async function makeStateDirectory(path: string): Promise<void> {
  try {
    await makeTree(resolve(path));
  } catch (error) {
    throw ioError('create the state directory', path, error);
  }
}

/**
 * Makes a directory and those above it, each durably. Not `mkdir` with `recursive`: it takes a full device for a directory that is
 * missing.
 */
async function makeTree(path: string): Promise<void> {
  if (await isDirectory(path)) {
    // The run that made it may have been killed before this.
    if ((await readdir(path)).length === 0) await syncDirectory(dirname(path));
    return;
  }
  await makeTree(dirname(path));
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST' || !(await isDirectory(path))) throw error;
  }
  await syncDirectory(dirname(path));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    if ((await lstat(path)).isDirectory()) return;
    throw new TrancheError('io', `cannot use ${path} as the job directory: it is a symbolic link or a file`, {
      operation: 'create the job directory',
      path,
      cause: error,
      hint: 'move it away, or give the job another name with --job',
    });
  }
}

async function demandPlainFile(path: string): Promise<void> {
  try {
    const found = await lstat(path);
    if (found.isFile()) return;
    throw new TrancheError(
      'io',
      `cannot use ${path}: it is ${found.isSymbolicLink() ? 'a symbolic link' : 'not a plain file'}`,
      { operation: 'open', path, hint: `find out who put it there, then remove ${path}` },
    );
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw ioError('open', path, error);
  }
}

function isJobName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(name);
}

/**
 * A directory that holds a lock or a checkpoint. Others, and those that only somebody else may read, are none
 * of ours.
 */
async function isJob(directory: string): Promise<boolean> {
  try {
    if (!(await lstat(directory)).isDirectory()) return false;
    const files = await readdir(directory);
    return files.includes('lock') || files.includes('checkpoint.json');
  } catch (error) {
    if (systemCode(error) === 'EACCES' || systemCode(error) === 'ENOENT') return false;
    throw error;
  }
}
