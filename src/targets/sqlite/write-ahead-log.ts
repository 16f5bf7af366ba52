import { type FileHandle, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ioError, type TrancheError } from '../../core/errors.js';
import { syncDirectory } from '../../durable/directory.js';
import { type Database, sqliteError } from '../../sqlite/driver.js';

/** Bytes of the log at which its pages are moved into the database. */
const CHECKPOINT_BYTES = 16 * 1024 * 1024;

/**
 * How what a database commits becomes durable.
 *
 * A database in WAL mode is written with `synchronous = NORMAL`: a commit only appends to the log, and {@link sync} flushes the log on a thread of its own. SQLite
 * flushes both files by itself before it uses the log from its beginning again, so that a power cut takes the newest commits at most. A database with a
 * rollback journal is put into WAL mode for the run, if nobody else has it open; else SQLite flushes every commit, three times.
 */
export class WriteAheadLog {
  readonly #database: Database;
  readonly #path: string;
  #active: boolean;
  #handle: FileHandle | null = null;
  #unsynced = false;
  #failure: TrancheError | null = null;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
    this.#active = database.pragma('journal_mode', { simple: true }) === 'wal';
    this.#tune();
  }

  get isActive(): boolean {
    return this.#active;
  }

  /** Puts the database into WAL mode, if that is possible at the moment. */
  enter(): void {
    if (this.#active) return;
    try {
      this.#active = this.#setMode('WAL') === 'wal';
    } catch (error) {
      if (sqliteError('open', this.#path, error).code !== 'busy')
        throw sqliteError('open', this.#path, error);
    }
    this.#tune();
  }

  /** Something was committed. */
  touch(): void {
    this.#unsynced = true;
  }

  /** Keeps the log from growing without end. To be called between transactions. */
  trim(): void {
    if (!this.#active) return;
    const { log, checkpointed } = this.#checkpoint('NOOP');
    const size = this.#database.pragma('page_size', { simple: true }) as number;
    if ((log - checkpointed) * size > CHECKPOINT_BYTES) this.#checkpoint('PASSIVE');
  }

  /** Makes durable what was committed before the call. Fails for ever once it failed. */
  async sync(): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (!this.#active || !this.#unsynced) return;
    this.#unsynced = false;
    try {
      this.#handle ??= await this.#open();
      await this.#handle.datasync();
    } catch (error) {
      this.#failure = ioError('fsync', `${this.#path}-wal`, error);
      throw this.#failure;
    }
  }

  /** Ends WAL mode, if nobody else has the database open: it is one file again. */
  leave(): void {
    if (!this.#active || this.#failure) return;
    try {
      this.#database.pragma('synchronous = EXTRA');
      this.#active = this.#setMode('DELETE') === 'wal';
    } catch (error) {
      const failure = sqliteError('close', this.#path, error);
      if (failure.code !== 'busy') throw failure;
    }
  }

  /** Lets go of the log. */
  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  /** A log has no locks that closing a second descriptor could drop, unlike the database itself, which must never be opened here. */
  async #open(): Promise<FileHandle> {
    const path = await realpath(this.#path);
    const handle = await open(`${path}-wal`, 'r+');
    await syncDirectory(dirname(path));
    return handle;
  }

  /** Answers the mode that the database has then. Takes all rows: the change is committed behind the only one, and fails there. */
  #setMode(mode: 'WAL' | 'DELETE'): string {
    const [row] = this.#database.pragma(`journal_mode = ${mode}`) as { readonly journal_mode: string }[];
    return row!.journal_mode;
  }

  #tune(): void {
    // EXTRA: the end of a commit is the removal of its journal, and that has to be durable too.
    this.#database.pragma(`synchronous = ${this.#active ? 'NORMAL' : 'EXTRA'}`);
    // Done in trim(): an automatic one keeps its errors to itself.
    this.#database.pragma('wal_autocheckpoint = 0');
  }

  #checkpoint(mode: 'NOOP' | 'PASSIVE'): { readonly log: number; readonly checkpointed: number } {
    try {
      const [answer] = this.#database.pragma(`wal_checkpoint(${mode})`) as {
        log: number;
        checkpointed: number;
      }[];
      return answer!;
    } catch (error) {
      throw sqliteError('checkpoint', this.#path, error);
    }
  }
}
