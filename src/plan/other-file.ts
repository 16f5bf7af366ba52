import { stat } from 'node:fs/promises';
import { TrancheError } from '../core/errors.js';
import { expandFiles } from '../sources/file/files.js';
import { isFile } from '../sources/index.js';
import { fileTarget } from '../targets/file/index.js';
import { targetKindOf } from '../targets/index.js';
import type { CopyPlan } from './plan.js';

/**
 * Throws `usage` if the target is one of the files that are read: what was written would be read again. A single file may be replaced by what is made of
 * it, for it stays as it is until that is complete.
 */
export async function demandOtherFile({ source, target, append }: CopyPlan): Promise<void> {
  if (source === '-' || !isFile(source) || targetKindOf(target) !== fileTarget) return;
  const written = await identityOf(target);
  if (written === null) return;
  const paths = await expandFiles(source);
  if (paths.length === 1 && !append) return;
  for (const path of paths) {
    if ((await identityOf(path)) === written) throw sameFile(target, source);
  }
}

/** Device and inode; null if there is no such file. */
async function identityOf(path: string): Promise<string | null> {
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found && `${found.dev}:${found.ino}`;
}

function sameFile(target: string, source: string): TrancheError {
  return new TrancheError('usage', `${target} is a file of the source ${source} too`, {
    path: target,
    hint: 'write to a file in another place, or name a source that leaves it out',
  });
}
