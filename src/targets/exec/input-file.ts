import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ioError } from '../../core/errors.js';

/**
 * An open file with these bytes and without a name. A command that reads it gets all of them, even if this process is killed meanwhile: from a pipe it would
 * read half a batch, and a torn record, and could not know.
 */
export async function inputFile(content: Buffer): Promise<FileHandle> {
  const path = join(tmpdir(), `tranche-${randomUUID()}`);
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'wx+', 0o600);
    await unlink(path);
    await writeAll(file, content);
    return file;
  } catch (error) {
    await file?.close();
    throw ioError('write', path, error, 'make room there, or name another directory with TMPDIR');
  }
}

/** At places of its own, so that whoever reads begins at the beginning. */
async function writeAll(file: FileHandle, content: Buffer): Promise<void> {
  for (let at = 0; at < content.length; ) {
    const { bytesWritten } = await file.write(content, at, content.length - at, at);
    at += bytesWritten;
  }
}
