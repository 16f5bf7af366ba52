import { stat } from 'node:fs/promises';
import { TrancheError } from '../core/errors.js';
import type { Source } from '../core/source.js';
import type { Target } from '../core/target.js';
import { expandFiles } from '../sources/file/files.js';
import { isFile } from '../sources/index.js';
import { fileTarget } from '../targets/file/index.js';
import { targetKindOf } from '../targets/index.js';
import { targetDefaults } from '../targets/options.js';
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

/** Throws `usage` for a table that is copied to itself: what is emptied first cannot be read, and what is added would be read again. Its rows may be changed in place. */
export function demandOtherTable(
  source: Pick<Source, 'name'>,
  target: Pick<Target, 'name'>,
  plan: CopyPlan,
): void {
  const { mode = targetDefaults.mode, onConflict = targetDefaults.onConflict } = plan;
  const inPlace = mode === 'append' && onConflict !== 'error';
  if (isFile(plan.source) || source.name !== target.name || inPlace) return;
  throw new TrancheError('usage', `${target.name} is the table that is read`, {
    path: target.name,
    hint: 'write to another table, or change its rows in place with --key and --on-conflict update',
  });
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
