import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ioError, systemCode } from '../core/errors.js';

/**
 * Makes the names in a directory durable: files created, renamed or removed before the call. A failure must end the run, since
 * a second try proves nothing.
 */
export async function syncDirectory(path: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await handle.sync();
  } catch (error) {
    // EINVAL: the file system has no such operation, and its names are as durable as it can make them.
    if (handle === undefined || systemCode(error) !== 'EINVAL') throw ioError('fsync', resolve(path), error);
  } finally {
    await handle?.close().catch(() => {});
  }
}
