import { promisify } from 'node:util';
import { gzip, gzipSync } from 'node:zlib';
import { ioError, TrancheError } from '../core/errors.js';
import type { Mark } from '../core/position.js';
import { openGzipInput } from './gzip-input.js';
import { lookUp } from './look-up.js';
import type { Output } from './output.js';
import { type AppendInPlace, type CreatePart, PartFile } from './part-file.js';

const LEVEL = 6;
/** Bytes a member: enough to compress well, few enough that the members of one append keep several threads busy. */
const MEMBER_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const LARGEST_CHUNK = 256 * 1024;

const compress = promisify<Buffer, { level: number; chunkSize: number }, Buffer>(gzip);

/**
 * A {@link PartFile} of gzip members. What is appended at once becomes whole members of its own, so that the file is valid gzip wherever it
 * is cut at a mark. The mark is that of the file, with the uncompressed bytes; read it between two calls of `append`, when the first has answered.
 */
export class GzipOutput implements Output {
  readonly #file: PartFile;
  #uncompressed: number;
  /** Settles when the last append is done. Once rejected it stays so: nothing is put behind a gap. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: PartFile, uncompressed: number) {
    this.#file = file;
    this.#uncompressed = uncompressed;
  }

  /** As {@link PartFile.create}; `whenEmpty` uncompressed. A file without records is one empty member at least. */
  static async create(path: string, how: CreatePart): Promise<GzipOutput> {
    return new GzipOutput(await PartFile.create(path, { ...how, whenEmpty: member(how.whenEmpty) }), 0);
  }

  /** As {@link PartFile.resume}. */
  static async resume(path: string, mark: Mark, whenEmpty?: Buffer): Promise<GzipOutput> {
    return new GzipOutput(await PartFile.resume(path, mark, member(whenEmpty)), uncompressedOf(mark));
  }

  /** As {@link PartFile.reopen}. */
  static async reopen(path: string, mark: Mark, whenEmpty?: Buffer): Promise<GzipOutput> {
    return new GzipOutput(await PartFile.reopen(path, mark, member(whenEmpty)), uncompressedOf(mark));
  }

  /** As {@link PartFile.append}. Reads an existing file to its end, since nothing else tells whether it is whole and ends in a newline. */
  static async append(path: string, { lines, whenEmpty }: AppendInPlace): Promise<GzipOutput> {
    const size = (await lookUp(path))?.size ?? 0;
    const uncompressed = size === 0 ? 0 : await measure(path, size, lines);
    const file = await PartFile.append(path, { lines: false, whenEmpty: member(whenEmpty) });
    return new GzipOutput(file, uncompressed);
  }

  get isEmpty(): boolean {
    return this.#uncompressed === 0;
  }

  mark(): Mark {
    return { ...this.#file.mark(), uncompressed: this.#uncompressed };
  }

  async append(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const compressed = this.#compress(bytes);
    compressed.catch(() => {}); // reported in its turn
    const appended = this.#last.then(async () => {
      const members = await compressed;
      this.#uncompressed += bytes.length;
      await Promise.all(members.map(member => this.#file.append(member)));
    });
    this.#last = appended;
    await appended;
  }

  async sync(): Promise<void> {
    await this.#last;
    await this.#file.sync();
  }

  async close(complete: boolean): Promise<void> {
    await (complete ? this.#last : this.#last.catch(() => {}));
    await this.#file.close(complete);
  }

  #compress(bytes: Buffer): Promise<Buffer[]> {
    const members: Promise<Buffer>[] = [];
    for (let at = 0; at < bytes.length; at += MEMBER_BYTES) {
      const part = bytes.subarray(at, at + MEMBER_BYTES);
      const chunkSize = Math.min(LARGEST_CHUNK, 1024 + part.length);
      members.push(compress(part, { level: LEVEL, chunkSize }));
    }
    return Promise.all(members).catch(error => {
      throw ioError('compress', 'the output', error);
    });
  }
}

function uncompressedOf({ uncompressed }: Mark): number {
  return typeof uncompressed === 'number' ? uncompressed : 0;
}

function member(bytes: Buffer = Buffer.alloc(0)): Buffer {
  return gzipSync(bytes, { level: LEVEL });
}

/** Bytes in a gzip file of `size` bytes that can be appended to; rejects for any other. */
async function measure(path: string, size: number, lines: boolean): Promise<number> {
  const input = await openGzipInput(path, { offset: 0, waypoint: null, progressing: () => {} });
  const piece = Buffer.allocUnsafe(LARGEST_CHUNK);
  let length = 0;
  let last = NEWLINE;
  try {
    for (let count = -1; count !== 0; length += count) {
      count = await input.read(piece, 0, piece.length);
      last = piece[count - 1] ?? last;
      input.waypoint(length);
    }
    const { at } = input.waypoint(length) ?? {};
    if (at !== size) throw refused(path, 'has zeros behind its gzip data');
    if (lines && last !== NEWLINE) {
      throw refused(path, 'does not end in a newline: what is appended would join its last line');
    }
    return length;
  } finally {
    await input.close();
  }
}

function refused(path: string, what: string): TrancheError {
  const hint = 'unpack it, mend it, and pack it again';
  return new TrancheError('target_refused', `${path} ${what}`, { operation: 'append', path, hint });
}
