import { createHash } from 'node:crypto';
import { closeSync, readSync } from 'node:fs';
import { ioError } from '../core/errors.js';
import { openForReading, openForReadingNow, readFully } from './open-for-reading.js';

/** Bytes at the head of a file, and before an offset, that are enough to know it again. */
export const IDENTITY_WINDOW = 65_536;

/** For what is hashed: 64 KiB of garbage for every checkpoint are felt. */
const window = Buffer.allocUnsafeSlow(IDENTITY_WINDOW);

/** What a file looks like from outside, and how it begins. */
export interface FileIdentity {
  readonly size: number;
  readonly mtimeMs: number;
  /** SHA-256 (hex) of the first `headBytes` bytes. */
  readonly head: string;
  readonly headBytes: number;
}

/**
 * Size and modification time of a file, with a hash of its head: of its first `limit` bytes, or all where there are fewer. Hand in the
 * `headBytes` of an earlier identity to compare a file that may have grown since.
 */
export async function fileIdentity(path: string, limit = IDENTITY_WINDOW): Promise<FileIdentity> {
  const file = await openForReading(path);
  try {
    const { size, mtimeMs } = await file.stat();
    const head = Buffer.allocUnsafe(Math.min(size, limit));
    const headBytes = await readFully(file, path, head, 0, head.length, 0);
    return { size, mtimeMs, head: sha256(head.subarray(0, headBytes)), headBytes };
  } catch (error) {
    throw ioError('read', path, error);
  } finally {
    await file.close().catch(() => {});
  }
}

/**
 * SHA-256 (hex) of the bytes `[from, to)` of a file; of those that exist where it ends before `to`. At once, and not in another thread: it is asked of what was
 * read a moment ago, for every checkpoint.
 */
export function hashRange(path: string, from: number, to: number): string {
  const file = openForReadingNow(path);
  try {
    const hash = createHash('sha256');
    for (let at = from; at < to; ) {
      const count = readSync(file, window, 0, Math.min(window.length, to - at), at);
      if (count === 0) break;
      hash.update(window.subarray(0, count));
      at += count;
    }
    return hash.digest('hex');
  } catch (error) {
    throw ioError('read', path, error);
  } finally {
    closeSync(file);
  }
}

/** SHA-256 (hex) of the last 64 KiB before `offset`. */
export function hashTail(path: string, offset: number): string {
  return hashRange(path, Math.max(0, offset - IDENTITY_WINDOW), offset);
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
