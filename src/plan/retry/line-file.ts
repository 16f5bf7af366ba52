import { type DurableFile, openExclusive } from '../../durable/durable-file.js';
import type { Amount } from './round.js';

/** Bytes that are written together. */
const PIECE_BYTES = 256 * 1024;

/** A new file of lines, written once. A file or a symbolic link in its place is an error. */
export class LineFile {
  readonly #file: DurableFile;
  #count = 0;
  #written = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  private constructor(file: DurableFile) {
    this.#file = file;
  }

  static async create(path: string): Promise<LineFile> {
    return new LineFile(await openExclusive(path));
  }

  get amount(): Amount {
    return { count: this.#count, bytes: this.#written + this.#waitingBytes };
  }

  async append(line: Buffer): Promise<void> {
    this.#count++;
    this.#waiting.push(line);
    this.#waitingBytes += line.length;
    if (this.#waitingBytes >= PIECE_BYTES) await this.#write();
  }

  /** Makes durable what was appended. */
  async sync(): Promise<void> {
    await this.#write();
    await this.#file.sync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #write(): Promise<void> {
    await this.#file.write(Buffer.concat(this.#waiting), this.#written);
    this.#written += this.#waitingBytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}
