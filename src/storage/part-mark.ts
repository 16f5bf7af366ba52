import { TrancheError } from '../core/errors.js';
import type { Mark } from '../core/position.js';

/** How far a file was written, and what is needed to know it again. */
export interface PartMark {
  readonly bytes: number;
  /** SHA-256 (hex) of the last 4 KiB before `bytes`, or of all where there are fewer. */
  readonly tail: string;
  /** Size of the file before the job appended to it in place; null where a `.part` is written. */
  readonly base: number | null;
  /** True if a file of the final name may be replaced. */
  readonly overwrite: boolean;
}

/** Reads a mark of a checkpoint. */
export function parsePartMark(path: string, mark: Mark): PartMark {
  const { bytes, tail, base, overwrite } = mark;
  if (Number.isSafeInteger(bytes) && typeof tail === 'string') {
    return {
      bytes: bytes as number,
      tail,
      base: typeof base === 'number' ? base : null,
      overwrite: overwrite === true,
    };
  }
  const message = `the checkpoint does not say how far ${path} was written`;
  throw new TrancheError('checkpoint_unreadable', message, { path, hint: '--fresh begins again' });
}
