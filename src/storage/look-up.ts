import type { Stats } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { ioError, systemCode } from '../core/errors.js';

/** What a name stands for, symbolic links not followed; null for nothing. */
export async function lookUp(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw ioError('stat', path, error);
  }
}
