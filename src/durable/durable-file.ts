import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ioError, TrancheError } from '../core/errors.js';

/**
 * A regular file of ours, open for reading and writing at positions. Every method rejects with a `TrancheError` that
 * names operation and path.
 */
export class DurableFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #syncFailure: TrancheError | undefined;
  #closed = false;

  constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /** Size in bytes, device and inode among others, of the open file (not of what the path names by now). */
  async stat(): Promise<Stats> {
    try {
      return await this.#handle.stat();
    } catch (error) {
      throw ioError('stat', this.path, error);
    }
  }

  /** Reads from `position` until `buffer` is full or the file ends; answers how many bytes. */
  async read(buffer: Buffer, position: number): Promise<number> {
    let done = 0;
    try {
      while (done < buffer.length) {
        const { bytesRead } = await this.#handle.read(buffer, done, buffer.length - done, position + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
    } catch (error) {
      throw ioError('read', this.path, error);
    }
    return done;
  }

  /** Writes all of `bytes` at `position`, in several calls if the system takes less at once. */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    let done = 0;
    try {
      while (done < bytes.length) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done);
        if (bytesWritten === 0) throw new Error('the system wrote nothing and gave no reason');
        done += bytesWritten;
      }
    } catch (error) {
      throw ioError('write', this.path, error);
    }
  }

  /** Cuts the file at `length` bytes. Durable after {@link sync}. */
  async truncate(length: number): Promise<void> {
    try {
      await this.#handle.truncate(length);
    } catch (error) {
      throw ioError('truncate', this.path, error);
    }
  }

  /**
   * Makes data and attributes durable (fsync). After a failure the system may have dropped the data and would answer a second
   * try with success: so the failure is remembered, and every later sync of either kind throws it again.
   */
  sync(): Promise<void> {
    return this.#sync('fsync', () => this.#handle.sync());
  }

  /** Makes data and size durable (fdatasync). Fails like {@link sync}. */
  syncData(): Promise<void> {
    return this.#sync('fdatasync', () => this.#handle.datasync());
  }

  /** May be called twice. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#handle.close();
    } catch (error) {
      throw ioError('close', this.path, error);
    }
  }

  async #sync(operation: string, call: () => Promise<void>): Promise<void> {
    if (this.#syncFailure) throw this.#syncFailure;
    try {
      await call();
    } catch (error) {
      this.#syncFailure ??= ioError(operation, this.path, error);
      throw this.#syncFailure;
    }
  }
}

/** Creates a file that did not exist: an existing file or a symbolic link in its place is an error (EEXIST as its cause). */
export async function openExclusive(path: string, mode = 0o600): Promise<DurableFile> {
  const flags = constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW | constants.O_RDWR;
  try {
    return new DurableFile(path, await open(path, flags, mode));
  } catch (error) {
    throw ioError('create', path, error);
  }
}

/** Opens an existing regular file. A symbolic link, a directory, a pipe or a device is refused. */
export async function openExisting(path: string): Promise<DurableFile> {
  // O_NONBLOCK: opening a pipe must fail below, not wait for its other end.
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    if ((await handle.stat()).isFile()) return new DurableFile(path, handle);
  } catch (error) {
    await handle?.close().catch(() => {});
    throw ioError('open', path, error);
  }
  await handle.close();
  throw new TrancheError('io', `cannot open ${path}: it is not a regular file`, { operation: 'open', path });
}
