import { systemCode, TrancheError } from '../core/errors.js';
import { type DurableFile, openExisting } from '../durable/durable-file.js';
import { lookUp } from './look-up.js';
import type { PartMark } from './part-mark.js';
import { Tail } from './tail.js';

const NEWLINE = 0x0a;

/** Opens a file of ours; null if it is not there. */
export async function openIfThere(path: string): Promise<DurableFile | null> {
  try {
    return await openExisting(path);
  } catch (error) {
    if (systemCode((error as Error).cause) === 'ENOENT') return null;
    throw error;
  }
}

/** Runs `check` on an open file; closes it if that fails. */
export async function closingOnFailure<T>(file: DurableFile, check: () => Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** The last bytes before `end`. */
export async function readTail(file: DurableFile, end: number): Promise<Tail> {
  const bytes = Buffer.allocUnsafe(Math.min(end, Tail.BYTES));
  const tail = new Tail();
  tail.push(bytes.subarray(0, await file.read(bytes, end - bytes.length)));
  return tail;
}

/** Checks that the file holds what the mark describes, and answers its tail. Rejects with `target_changed`. */
export async function demandKnown(file: DurableFile, mark: PartMark): Promise<Tail> {
  const { size } = await file.stat();
  if (size < mark.bytes) {
    throw targetChanged(file.path, `has ${size} bytes; ${mark.bytes} were written and made durable`);
  }
  const tail = await readTail(file, mark.bytes);
  if (tail.hash() !== mark.tail) {
    throw targetChanged(
      file.path,
      `is another file: its bytes before byte ${mark.bytes} are not those that were written`,
    );
  }
  return tail;
}

/** Rejects with `target_changed` unless the file has exactly `size` bytes. */
export async function demandSize(file: DurableFile, size: number): Promise<void> {
  const stat = await file.stat();
  if (stat.size !== size) throw targetChanged(file.path, `has ${stat.size} bytes; ${size} were written`);
}

/** Rejects with `target_changed` if somebody else has written to the file, or put another one in the place of its `name`. */
export async function demandUntouched(file: DurableFile, name: string, size: number): Promise<void> {
  const ours = await file.stat();
  const there = await lookUp(name);
  if (there?.ino !== ours.ino || there.dev !== ours.dev) {
    throw targetChanged(name, 'was replaced while it was written');
  }
  await demandSize(file, size);
}

/** Rejects with `target_refused` unless the file ends in a newline. */
export async function demandNewline(file: DurableFile, size: number): Promise<void> {
  const last = Buffer.alloc(1);
  await file.read(last, Math.max(0, size - 1));
  if (size === 0 || last[0] === NEWLINE) return;
  const message = `${file.path} does not end in a newline: what is appended would join its last line`;
  const hint = 'end its last line first';
  throw new TrancheError('target_refused', message, { operation: 'append', path: file.path, hint });
}

/** Durably takes back everything behind `length` bytes. */
export async function cutBack(file: DurableFile, length: number): Promise<void> {
  if ((await file.stat()).size === length) return;
  await file.truncate(length);
  await file.sync();
}

/** The target is not what the checkpoint describes. */
export function targetChanged(path: string, what: string): TrancheError {
  return new TrancheError('target_changed', `${path} ${what}`, {
    path,
    hint: 'put the file back as it was, or begin again with --fresh',
  });
}
