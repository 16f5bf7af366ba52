import { constants } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Adapter } from 'lowdb';
import { ioError, systemCode } from '../core/errors.js';
import { replaceFile } from '../durable/replace-file.js';

/** How values become the text of a file, and come back from it. */
export interface TextForm<T> {
  write(value: T): string;
  /** Throws what the caller of `read` shall see. */
  read(text: string): T;
}

/**
 * Keeps a lowdb database in one file, durably: after `write` the value survives a power cut, and until then
 * the one before it does. Writes follow each other in the order of the calls; once one failed, all later ones
 * fail with its error, since a flush that failed must not be tried again.
 */
export class DurableAdapter<T> implements Adapter<T> {
  readonly #path: string;
  readonly #form: TextForm<T>;
  #last: Promise<void> = Promise.resolve();

  constructor(path: string, form: TextForm<T>) {
    this.#path = path;
    this.#form = form;
  }

  /** Null if there is no file. A symbolic link is refused. */
  async read(): Promise<T | null> {
    const text = await readText(this.#path);
    return text === null ? null : this.#form.read(text);
  }

  write(value: T): Promise<void> {
    const bytes = Buffer.from(this.#form.write(value));
    this.#last = this.#last.then(() => replaceFile(this.#path, bytes));
    return this.#last;
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    // O_NONBLOCK: a pipe in the file's place is empty, and not waited for.
    const flag = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    return await readFile(path, { encoding: 'utf8', flag });
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw ioError('read', path, error);
  }
}
