import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ioError, systemCode, TrancheError } from '../core/errors.js';

// O_NONBLOCK: opening a pipe must fail, not wait for its other end.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a regular file for reading; symbolic links are followed. Rejects with `source_missing` if nothing is there and with
 * `source_unreadable` if it may not be read or is no file.
 */
export async function openForReading(path: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, FLAGS);
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    await handle?.close().catch(() => {});
    throw openError(path, error);
  }
  await handle.close();
  throw noFile(path);
}

/** As {@link openForReading}, at once: answers a descriptor. */
export function openForReadingNow(path: string): number {
  let file: number | undefined;
  try {
    file = openSync(path, FLAGS);
    if (fstatSync(file).isFile()) return file;
  } catch (error) {
    if (file !== undefined) closeSync(file);
    throw openError(path, error);
  }
  closeSync(file);
  throw noFile(path);
}

/** Reads at `position` until `length` bytes are in `buffer` at `at` or the file ends; answers how many. */
export async function readFully(
  file: FileHandle,
  path: string,
  buffer: Buffer,
  at: number,
  length: number,
  position: number,
): Promise<number> {
  let done = 0;
  try {
    while (done < length) {
      const { bytesRead } = await file.read(buffer, at + done, length - done, position + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
  } catch (error) {
    throw ioError('read', path, error);
  }
  return done;
}

function noFile(path: string): TrancheError {
  return new TrancheError('source_unreadable', `cannot open ${path}: it is not a regular file`, {
    operation: 'open',
    path,
    hint: 'a pipe is read with - as the source',
  });
}

function openError(path: string, error: unknown): TrancheError {
  const plain = ioError('open', path, error);
  const code = systemCode(error);
  const details = { operation: 'open', path, cause: error };
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new TrancheError('source_missing', plain.message, details);
  if (code === 'EACCES' || code === 'EPERM')
    return new TrancheError('source_unreadable', plain.message, details);
  return plain;
}
