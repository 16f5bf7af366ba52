import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ioError, TrancheError } from '../core/errors.js';

const PIECE_BYTES = 64 * 1024;
const LF = 10;

/** A line of a file. */
export interface Line {
  /** UTF-8, without the line ending. */
  readonly text: string;
  /** Offset behind its line ending. */
  readonly end: number;
}

/**
 * The lines of a file of ours from byte `from`, where one begins, to byte `to`, where one ends. Memory holds one line and one piece. A symbolic link is refused;
 * throws `target_changed` if the file ends before `to`.
 */
export async function* readLines(path: string, from: number, to: number): AsyncGenerator<Line> {
  if (from >= to) return;
  const file = await openForReading(path);
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  let begun: Buffer[] = [];
  try {
    for (let at = from; at < to; ) {
      const count = await readPiece(file, path, piece, at, Math.min(PIECE_BYTES, to - at));
      if (count === 0) throw tooShort(path, at, to);
      let start = 0;
      for (let end = piece.indexOf(LF); end >= 0 && end < count; end = piece.indexOf(LF, start)) {
        begun.push(piece.subarray(start, end));
        yield { text: Buffer.concat(begun).toString('utf8'), end: at + end + 1 };
        begun = [];
        start = end + 1;
      }
      if (start < count) begun.push(Buffer.from(piece.subarray(start, count)));
      at += count;
    }
  } finally {
    await file.close();
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    // O_NONBLOCK: a pipe in the file's place is not waited for.
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    throw ioError('open', path, error);
  }
}

async function readPiece(
  file: FileHandle,
  path: string,
  piece: Buffer,
  at: number,
  length: number,
): Promise<number> {
  try {
    return (await file.read(piece, 0, length, at)).bytesRead;
  } catch (error) {
    throw ioError('read', path, error);
  }
}

function tooShort(path: string, size: number, to: number): TrancheError {
  return new TrancheError(
    'target_changed',
    `${path} has ${size} bytes, and the checkpoint knows ${to} of it`,
    {
      operation: 'read',
      path,
      hint: 'put the file back as it was',
    },
  );
}
