import { randomBytes } from 'node:crypto';
import { readdir, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ioError } from '../core/errors.js';
import { openExclusive } from './durable-file.js';
import { renameDurably } from './rename.js';

/**
 * Gives the file at `path` new contents, durably: at any instant, power cuts included, it holds all of the old bytes or all of
 * the new ones. When it fails, the old file is intact or the new one is in place without being durable; the
 * temporary file beside it is gone in both cases.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const file = await openExclusive(temporary);
  try {
    await file.write(bytes, 0);
    await file.sync();
    await file.close();
    await renameDurably(temporary, path);
  } catch (error) {
    await file.close().catch(() => {});
    await unlink(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Removes the temporary files that {@link replaceFile} left beside `path` when its process was killed. Only for the holder of a lock
 * that keeps others from replacing the same file.
 */
export async function removeTemporaries(path: string): Promise<void> {
  const directory = dirname(path);
  const ours = `${basename(path)}.`;
  try {
    for (const name of await readdir(directory)) {
      if (name.startsWith(ours) && /^[0-9a-f]{12}\.tmp$/.test(name.slice(ours.length))) {
        await unlink(join(directory, name));
      }
    }
  } catch (error) {
    throw ioError('clean', directory, error);
  }
}
