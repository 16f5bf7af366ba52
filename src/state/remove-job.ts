import { readdir, rm, rmdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname } from 'node:path';
import { ioError, systemCode } from '../core/errors.js';
import { syncDirectory } from '../durable/directory.js';
import { removeTemporaries } from '../durable/replace-file.js';
import { jobFiles, retryDirectory } from './job-directory.js';
import { acquireLock } from './lock.js';

/**
 * Forgets a job: removes its files, and its directory unless somebody put something else there. Throws
 * `job_locked` while a run is alive. A rejects file in another place stays where it is.
 */
export async function removeJob(directory: string): Promise<void> {
  const { journal, lock } = jobFiles(directory);
  const held = await acquireLock(directory, {
    job: basename(directory),
    pid: process.pid,
    host: hostname(),
  });
  try {
    await clearJob(directory);
    await remove(journal);
    await remove(lock);
    await removeEmpty(directory);
  } finally {
    await held.release();
  }
  await syncDirectory(dirname(directory));
}

/** Takes checkpoint, rejects and what was made of them away, durably, so that the job begins anew. For the holder of its lock. */
export async function clearJob(directory: string): Promise<void> {
  const { checkpoint, rejects } = jobFiles(directory);
  // First, and durably: a checkpoint whose rejects are gone would be of no use.
  await remove(checkpoint);
  await syncDirectory(directory);
  await removeTemporaries(checkpoint);
  await remove(rejects);
  await remove(retryDirectory(directory));
  await syncDirectory(directory);
}

/** Removes the directory of a job that never began: that has a lock at most, and a journal that says so. For the holder of the lock. */
export async function removeUnused(directory: string): Promise<void> {
  const { journal, lock } = jobFiles(directory);
  const files = await readdir(directory);
  if (files.some(file => file !== basename(lock) && file !== basename(journal))) return;
  await remove(journal);
  await remove(lock);
  await removeEmpty(directory);
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true, recursive: true });
  } catch (error) {
    throw ioError('remove', path, error);
  }
}

async function removeEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (error) {
    if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') {
      throw ioError('remove', directory, error);
    }
  }
}
