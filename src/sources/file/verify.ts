import { createHash } from 'node:crypto';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Verdict } from '../../core/source.js';
import { type FileIdentity, fileIdentity, hashTail } from '../../storage/identity.js';
import type { Input } from '../../storage/input.js';
import { type EarlierFiles, FileIdentities, type NamedIdentity } from './identities.js';
import { endsLine } from './line-ends.js';
import type { FilePosition } from './position.js';

/** What is kept of the files of a job, up to the one at the position. */
export interface FilesIdentity {
  /** The first files; null, or missing in a checkpoint of an early version, if all are in `files`. */
  readonly earlier?: EarlierFiles | null;
  readonly files: readonly NamedIdentity[];
  /** Hash of the last bytes before the position, in its file; null for compressed files, whose positions carry their own. */
  readonly tail: string | null;
}

/** Opens the file at the position as it is read, decompressed and decoded, at another offset of it. */
export type Reopen = (offset: number) => Promise<Input>;

/** Compares the files of today with an identity taken at a position. `gzip` tells whether the file at the position is compressed. */
export async function verifyFiles(
  identity: FilesIdentity,
  position: FilePosition,
  paths: readonly string[],
  gzip: boolean,
  reopen: Reopen,
): Promise<Verdict> {
  const first = identity.earlier?.count ?? 0;
  const changed = identity.earlier && (await verifyEarlier(identity.earlier, paths));
  if (changed) return changed;
  let grown = paths.length > first + identity.files.length;
  for (const [i, was] of identity.files.entries()) {
    const path = paths[first + i];
    if (path !== was.path) return rewritten(was.path, path === undefined ? 'gone' : `another file, ${path}`);
    const now = await fileIdentity(path, was.headBytes);
    const current = first + i === position.file;
    if (now.size < was.size || (!current && now.size !== was.size)) return differs(was, now);
    if (now.head !== was.head) return differs(was, now);
    if (!current) continue;
    if (identity.tail !== null && tailOf(path, position, gzip) !== identity.tail) return differs(was, now);
    const touched = now.size !== was.size || now.mtimeMs !== was.mtimeMs;
    if (!touched) continue;
    if (gzip && !(await sameInside(position, reopen))) return differs(was, now);
    if (position.unterminated && (await goesOn(position, reopen))) {
      const continued = 'its last line, which had no line ending, was continued';
      return { ...rewritten(describe(was), `${describe(now)}; ${continued}`, path), divided: true };
    }
    if (now.size > was.size) grown = true;
  }
  return { kind: grown ? 'grown' : 'unchanged' };
}

/** Null if the first files are what they were. */
async function verifyEarlier(was: EarlierFiles, paths: readonly string[]): Promise<Verdict | null> {
  const { count, last } = was;
  const found = paths[count - 1];
  const named = `${count} files up to ${last}`;
  if (found === undefined) return rewritten(named, `${paths.length} files`);
  if (found !== last) return rewritten(named, `${count} files up to ${found}`);
  const now = await new FileIdentities(paths).first(count);
  if (now.sha256 === was.sha256) return null;
  return rewritten(named, 'as many, and one of them has another name, size or head');
}

/** What a position keeps of the text before it: `length` bytes of the input. */
export function hashOfText(text: Buffer, length: number): JsonObject {
  return { bytes: length, text: text.length, sha256: sha256(text) };
}

/** The hash that `FilesIdentity.tail` keeps: of the bytes before the offset; of a gzip file, before the member it lies in. */
export function tailOf(path: string, position: FilePosition, gzip: boolean): string {
  return hashTail(path, gzip ? Number(position.waypoint?.['at'] ?? 0) : position.offset);
}

/** Decompresses up to the position to compare what comes before it: only for a gzip file that was touched. */
async function sameInside({ offset, tail }: FilePosition, reopen: Reopen): Promise<boolean> {
  if (tail === null) return true;
  try {
    const text = await readText(await reopen(offset - Number(tail['bytes'])), Number(tail['text']));
    return sha256(text) === tail['sha256'];
  } catch (error) {
    if (error instanceof TrancheError && error.code === 'source_changed') return false;
    throw error;
  }
}

/** Whether something else than a line ending follows. */
async function goesOn({ offset }: FilePosition, reopen: Reopen): Promise<boolean> {
  const [next] = await readText(await reopen(offset), 1);
  return next !== undefined && !endsLine(next);
}

/** The next `length` bytes of an input, fewer where it ends; closes it. */
async function readText(input: Input, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  try {
    let filled = 0;
    while (filled < length) {
      const count = await input.read(bytes, filled, length - filled);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    await input.close();
  }
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function differs(was: NamedIdentity, now: FileIdentity): Verdict {
  return rewritten(describe(was), describe(now), was.path);
}

function describe({ size, mtimeMs, head }: FileIdentity): string {
  return `${size} bytes of ${new Date(mtimeMs).toISOString()}, head ${head.slice(0, 12)}`;
}

function rewritten(was: string, is: string, path?: string): Extract<Verdict, { kind: 'rewritten' }> {
  return { kind: 'rewritten', was: path ? `${path}: ${was}` : was, is };
}
