import type { Stats } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioError, systemCode, TrancheError } from '../core/errors.js';
import { syncDirectory } from '../durable/directory.js';
import { type DurableFile, openExclusive } from '../durable/durable-file.js';
import { closingOnFailure } from './known-file.js';
import { lookUp } from './look-up.js';

/** Rejects with `target_exists` unless a result can take the name `path`: nothing is there, or a regular file that may be replaced. */
export async function demandFree(path: string, overwrite: boolean): Promise<void> {
  const there = await lookUp(path);
  if (there === null || (overwrite && there.isFile())) return;
  if (there.isFile()) {
    throw exists(`${path} exists already`, path, '--overwrite replaces it, --append adds to it');
  }
  throw exists(`${path} is ${kindOf(there)}, not a file`, path, 'name a file, or - for standard output');
}

/**
 * Makes room for a new `.part`. An empty one is what a run leaves that was killed before its first checkpoint; with `replace`
 * any goes. Otherwise it may belong to a job that still runs, or to another program: rejects with `target_exists`.
 */
export async function clearPart(part: string, replace: boolean): Promise<void> {
  const there = await lookUp(part);
  if (there === null) return;
  if (!there.isFile()) {
    throw exists(`${part} is ${kindOf(there)}, where the unfinished result should be`, part, 'remove it');
  }
  if (there.size > 0 && !replace) {
    const hint =
      '--resume continues the job that wrote it, if it kept a checkpoint; --overwrite, or removing it, begins again';
    throw exists(`${part} exists already: another run writes there or was interrupted`, part, hint);
  }
  try {
    await unlink(part);
  } catch (error) {
    throw ioError('remove', part, error);
  }
}

/** Creates a file that does not exist, and makes its name durable. */
export async function createDurably(path: string): Promise<DurableFile> {
  const directory = dirname(path);
  const file = await openExclusive(path).catch((error: TrancheError) => {
    if (systemCode(error.cause) !== 'ENOENT') throw error;
    throw ioError('create', path, error.cause, `create the directory ${directory} first`);
  });
  return await closingOnFailure(file, async () => {
    await syncDirectory(directory);
    return file;
  });
}

function kindOf(there: Stats): string {
  if (there.isSymbolicLink()) return 'a symbolic link';
  return there.isDirectory() ? 'a directory' : 'a pipe or device';
}

function exists(message: string, path: string, hint: string): TrancheError {
  return new TrancheError('target_exists', message, { operation: 'create', path, hint });
}
