import { createHash } from 'node:crypto';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Verdict } from '../../core/source.js';
import { readSlice } from '../../storage/file-input.js';
import { openGzipInput } from '../../storage/gzip-input.js';
import { type FileIdentity, fileIdentity, hashTail, IDENTITY_WINDOW } from '../../storage/identity.js';
import type { FilePosition } from './position.js';

/** What is kept of the files of a job, up to the one at the position. */
export interface FilesIdentity {
  readonly files: readonly (FileIdentity & { readonly path: string })[];
  /** Hash of the last bytes before the position, in its file; null for compressed files, whose positions carry their own. */
  readonly tail: string | null;
}

/** Compares the files of today with an identity taken at a position. `gzip` tells whether the file at the position is compressed. */
export async function verifyFiles(
  identity: FilesIdentity,
  position: FilePosition,
  paths: readonly string[],
  gzip: boolean,
): Promise<Verdict> {
  let grown = paths.length > identity.files.length;
  for (const [i, was] of identity.files.entries()) {
    const path = paths[i];
    if (path !== was.path)
      return rewritten(was.path, path === undefined ? 'is gone' : `${path} stands in its place`);
    const now = await fileIdentity(path, was.headBytes);
    const current = i === position.file;
    if (now.size < was.size || (!current && now.size !== was.size)) return differs(was, now);
    if (now.head !== was.head) return differs(was, now);
    if (!current) continue;
    if (!(await sameTail(path, position, identity.tail, gzip))) return differs(was, now);
    const touched = now.size !== was.size || now.mtimeMs !== was.mtimeMs;
    if (gzip && touched && !(await sameInside(path, position))) return differs(was, now);
    if (
      !gzip &&
      position.unterminated &&
      now.size > position.offset &&
      !(await endsLine(path, position.offset))
    ) {
      return rewritten(
        describe(was),
        `${describe(now)}; its last line, which had no line ending, was continued`,
      );
    }
    if (now.size > was.size) grown = true;
  }
  return { kind: grown ? 'grown' : 'unchanged' };
}

/** Hash of the last 64 KiB of a piece of uncompressed input, of `most` bytes at most. */
export function hashOfTail(bytes: Buffer, from: number, to: number, most: number): JsonObject {
  const first = Math.max(from, to - Math.min(IDENTITY_WINDOW, most));
  return { bytes: to - first, sha256: createHash('sha256').update(bytes.subarray(first, to)).digest('hex') };
}

/** The hash that `FilesIdentity.tail` keeps: of the bytes before the offset; of a gzip file, before the member it lies in. */
export function tailOf(path: string, position: FilePosition, gzip: boolean): Promise<string> {
  return hashTail(path, gzip ? Number(position.waypoint?.['at'] ?? 0) : position.offset);
}

async function sameTail(
  path: string,
  position: FilePosition,
  tail: string | null,
  gzip: boolean,
): Promise<boolean> {
  return tail === null || (await tailOf(path, position, gzip)) === tail;
}

/** Decompresses up to the position to compare what comes before it: only for a gzip file that was touched. */
async function sameInside(path: string, { offset, waypoint, tail }: FilePosition): Promise<boolean> {
  if (tail === null) return true;
  const bytes = Buffer.alloc(Number(tail['bytes']));
  const resume = { offset: offset - bytes.length, waypoint, progressing: () => {} };
  const input = await openGzipInput(path, resume).catch((error: unknown) => {
    if (error instanceof TrancheError && error.code === 'source_changed') return null;
    throw error;
  });
  if (!input) return false;
  try {
    for (let at = 0; at < bytes.length; ) {
      const count = await input.read(bytes, at, bytes.length - at);
      if (count === 0) return false;
      at += count;
    }
    return createHash('sha256').update(bytes).digest('hex') === tail['sha256'];
  } finally {
    await input.close();
  }
}

async function endsLine(path: string, offset: number): Promise<boolean> {
  const [next] = await readSlice(path, offset, 1);
  return next === 10 || next === 13;
}

function differs(was: FileIdentity & { path: string }, now: FileIdentity): Verdict {
  return rewritten(describe(was), describe(now), was.path);
}

function describe({ size, mtimeMs, head }: FileIdentity): string {
  return `${size} bytes of ${new Date(mtimeMs).toISOString()}, head ${head.slice(0, 12)}`;
}

function rewritten(was: string, is: string, path?: string): Verdict {
  return { kind: 'rewritten', was: path ? `${path}: ${was}` : was, is };
}
