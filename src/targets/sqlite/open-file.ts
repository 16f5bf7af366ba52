import { constants } from 'node:fs';
import { type FileHandle, lstat, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioError, systemCode, TrancheError } from '../../core/errors.js';
import { syncDirectory } from '../../durable/directory.js';

const MODE = 0o600;

/** What there is at a path. An empty file is a database without anything in it. */
export async function databaseFile(path: string): Promise<'missing' | 'empty' | 'present'> {
  try {
    return (await stat(path)).size === 0 ? 'empty' : 'present';
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw ioError('open', path, error);
    await refuseDanglingLink(path);
    return 'missing';
  }
}

/** Makes an empty database file that only its owner may read. To be called before SQLite opens it. */
export async function createDatabaseFile(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(
      path,
      constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      MODE,
    );
  } catch (error) {
    throw ioError('create', path, error, 'check that its directory exists and may be written');
  } finally {
    await handle?.close();
  }
  await syncDirectory(dirname(path));
}

async function refuseDanglingLink(path: string): Promise<void> {
  const link = await lstat(path).catch(() => null);
  if (!link?.isSymbolicLink()) return;
  throw new TrancheError('io', `cannot create ${path}: it is a symbolic link to a file that does not exist`, {
    operation: 'create',
    path,
    hint: 'remove the link, or name the file itself',
  });
}
