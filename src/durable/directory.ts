import { closeSync, constants, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { ioError, systemCode } from '../core/errors.js';
import { fsync } from './fsync.js';

/**
 * Makes the names in a directory durable: files created, renamed or removed before the call. A failure must end the run, since
 * a second try proves nothing.
 */
export async function syncDirectory(path: string): Promise<void> {
  let directory: number | undefined;
  try {
    directory = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    await fsync(directory);
  } catch (error) {
    // EINVAL: the file system has no such operation, and its names are as durable as it can make them.
    if (directory === undefined || systemCode(error) !== 'EINVAL')
      throw ioError('fsync', resolve(path), error);
  } finally {
    if (directory !== undefined) closeSync(directory);
  }
}
