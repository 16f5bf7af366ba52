import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ioError, type TrancheError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { Journal } from '../core/state.js';

/**
 * What happened to a job, appended to `path` one line an event, in the order of the calls. Nothing depends on
 * it: `failed` is told of the first write that fails, and nothing more is written.
 */
export class JournalFile implements Journal {
  readonly #path: string;
  readonly #run: number;
  readonly #failed: (error: TrancheError) => void;
  #file: FileHandle | null = null;
  #broken = false;
  /** Lines that wait for the append under way: they go out together. */
  #waiting = '';
  #appending: Promise<void> | null = null;

  /** `run` is the number of this run of the job, put into each line. */
  constructor(path: string, run: number, failed: (error: TrancheError) => void) {
    this.#path = path;
    this.#run = run;
    this.#failed = failed;
  }

  write(event: string, details: JsonObject): Promise<void> {
    const entry = { time: new Date().toISOString(), run: this.#run, event, ...details };
    this.#waiting += `${JSON.stringify(entry)}\n`;
    this.#appending ??= this.#appendAll();
    return this.#appending;
  }

  /** Waits for what is being written. May be called twice. */
  async close(): Promise<void> {
    await this.#appending;
    await this.#file?.close();
    this.#file = null;
    this.#broken = true;
  }

  async #appendAll(): Promise<void> {
    while (this.#waiting !== '') {
      const lines = this.#waiting;
      this.#waiting = '';
      await this.#append(lines);
    }
    this.#appending = null;
  }

  async #append(lines: string): Promise<void> {
    if (this.#broken) return;
    try {
      this.#file ??= await openJournal(this.#path);
      await this.#file.appendFile(lines);
    } catch (error) {
      this.#broken = true;
      this.#failed(ioError('write', this.#path, error));
    }
  }
}

async function openJournal(path: string): Promise<FileHandle> {
  const { O_RDWR, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const file = await open(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  // A run that was killed in the middle of a line left it without an end.
  const { size } = await file.stat();
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, Math.max(size - 1, 0));
  if (size > 0 && buffer[0] !== 0x0a) await file.appendFile('\n');
  return file;
}
