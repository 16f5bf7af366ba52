import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { ioError } from '../core/errors.js';
import { syncDirectory } from './directory.js';

/** Gives a file another name in the same directory, durably. A file that has that name already is replaced. */
export async function renameDurably(from: string, to: string): Promise<void> {
  try {
    renameSync(from, to);
  } catch (error) {
    throw ioError('rename', from, error);
  }
  await syncDirectory(dirname(to));
}
