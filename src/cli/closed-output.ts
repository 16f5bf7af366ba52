import { constants, fstatSync, readFileSync, statSync } from 'node:fs';
import { TrancheError } from '../core/errors.js';

/**
 * Throws `io` if standard output was closed before the program started (`>&-`), for records that would go nowhere. Node opens /dev/null for
 * reading and writing in its place; `>/dev/null` opens it for writing alone. A parent that hands down one that it opened for both cannot be told
 * apart, and is asked to say what it means. Without /proc nothing is noticed.
 */
export function demandOpenOutput(): void {
  if (!isNull(1) || accessOf(1) !== constants.O_RDWR) return;
  throw new TrancheError('io', 'standard output is closed: the records would be lost', {
    operation: 'write',
    path: 'stdout',
    hint: 'leave it open; to throw the records away, say none: as the target, or >/dev/null',
  });
}

function isNull(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).rdev === statSync('/dev/null').rdev;
  } catch {
    return false;
  }
}

/** How a descriptor was opened; null where the system does not tell. */
function accessOf(descriptor: number): number | null {
  try {
    const [, flags] =
      /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
    return flags === undefined ? null : Number.parseInt(flags, 8) & (constants.O_RDWR | constants.O_WRONLY);
  } catch {
    return null;
  }
}
