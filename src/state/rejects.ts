import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioError, systemCode, TrancheError } from '../core/errors.js';
import type { Reject } from '../core/reject.js';
import type { RejectStore } from '../core/state.js';
import { syncDirectory } from '../durable/directory.js';
import { type DurableFile, openExclusive, openExisting } from '../durable/durable-file.js';
import { rejectLine } from './reject-line.js';

/**
 * The rejects of a job as NDJSON, one object a record. The file is made with the first reject, for its owner
 * alone. An fsync that failed fails for ever.
 */
export class RejectsFile implements RejectStore {
  readonly path: string;
  #file: DurableFile | null;
  #bytes: number;
  #dirty = false;
  /** Settles when the newest flush has ended; once it failed, all do. */
  #flushed: Promise<void> = Promise.resolve();

  private constructor(path: string, file: DurableFile | null, bytes: number) {
    this.path = path;
    this.#file = file;
    this.#bytes = bytes;
  }

  /**
   * For a job that begins: there must be no such file, unless it is of an earlier start and will be gone before the first reject. Throws
   * `target_exists`.
   */
  static async begin(path: string, earlier = false): Promise<RejectsFile> {
    if (!earlier && (await exists(path))) {
      throw new TrancheError('target_exists', `the rejects file ${path} exists already`, {
        operation: 'create',
        path,
        hint: 'move it away, or name another file with --rejects',
      });
    }
    return new RejectsFile(path, null, 0);
  }

  /**
   * For a job that goes on with `bytes` of the file: takes back what is behind them. Throws `target_changed`
   * if the file is shorter or gone.
   */
  static async resume(path: string, bytes: number): Promise<RejectsFile> {
    const file = (await exists(path)) ? await openExisting(path) : null;
    try {
      const size = (await file?.stat())?.size ?? 0;
      if (size < bytes) throw shorter(path, file === null ? null : size, bytes);
      // The run that made it may have been killed before this.
      if (file !== null) await syncDirectory(dirname(path));
      const rejects = new RejectsFile(path, file, size);
      await rejects.truncate(bytes);
      return rejects;
    } catch (error) {
      await file?.close();
      throw error;
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(rejects: readonly Reject[]): Promise<void> {
    if (rejects.length === 0) return;
    this.#file ??= await create(this.path);
    const time = new Date().toISOString();
    const lines = Buffer.from(rejects.map(reject => rejectLine(reject, time)).join(''));
    await this.#file.write(lines, this.#bytes);
    this.#bytes += lines.length;
    this.#dirty = true;
  }

  async sync(): Promise<void> {
    const file = this.#file;
    if (this.#dirty && file) {
      // Before the call: what is appended while it lasts needs another one.
      this.#dirty = false;
      this.#flushed = this.#flushed.then(() => file.syncData());
    }
    // Also where somebody else's call flushes what was appended before this one.
    await this.#flushed;
  }

  async truncate(bytes: number): Promise<void> {
    if (bytes > this.#bytes) throw new RangeError(`${this.path} has no ${bytes} bytes`);
    if (bytes === this.#bytes) return;
    await this.#file?.truncate(bytes);
    await this.#file?.sync();
    this.#bytes = bytes;
  }

  /** May be called twice. */
  async close(): Promise<void> {
    await this.#file?.close();
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false;
    throw ioError('open', path, error);
  }
}

async function create(path: string): Promise<DurableFile> {
  const file = await openExclusive(path);
  try {
    await syncDirectory(dirname(path));
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

function shorter(path: string, size: number | null, bytes: number): TrancheError {
  const found = size === null ? 'is gone' : `has ${size} bytes`;
  return new TrancheError(
    'target_changed',
    `the rejects file ${path} ${found}, and the checkpoint knows ${bytes} bytes of it`,
    { operation: 'open', path, hint: 'put the file back, or start from the beginning with --fresh' },
  );
}
