import { dirname } from 'node:path';
import type { Mark } from '../core/position.js';
import { syncDirectory } from '../durable/directory.js';
import type { DurableFile } from '../durable/durable-file.js';
import { renameDurably } from '../durable/rename.js';
import { clearPart, createDurably, demandFree } from './free-name.js';
import {
  closingOnFailure,
  cutBack,
  demandKnown,
  demandNewline,
  demandSize,
  demandUntouched,
  openIfThere,
  readTail,
  targetChanged,
} from './known-file.js';
import { lookUp } from './look-up.js';
import type { Output } from './output.js';
import { type PartMark, parsePartMark } from './part-mark.js';
import { Tail } from './tail.js';
import { WriteBehind } from './write-behind.js';

const nothing = Buffer.alloc(0);

/** How a new file is begun. */
export interface CreatePart {
  /** A file of the final name may be replaced (at the end, by the whole result), and so may a `.part`. */
  readonly overwrite: boolean;
  /** True if a `.part` that is there is known to be the job's own, and given up. An empty one is always replaced. */
  readonly replacePart?: boolean;
  /** What completing puts into a file to which nothing was appended. No part of any mark. */
  readonly whenEmpty?: Buffer;
}

/** How a file is appended to in place. */
export interface AppendInPlace {
  /** The file must end in a newline. */
  readonly lines: boolean;
  /** As for {@link CreatePart}, if the file was empty. */
  readonly whenEmpty?: Buffer;
}

/**
 * A file that is written beside its final name, as `NAME.part`, and takes that name when it is complete; or, with
 * {@link PartFile.append}, one that grows in place. Its mark is a {@link PartMark}.
 *
 * Append nothing before the first mark is kept: a `.part` that is not empty and that no mark describes is nobody's, and a new start refuses it.
 * Every step of completing can be repeated after a crash. A crash between the rename and the last checkpoint leaves no `.part`: a file of the
 * final name that is exactly what the mark describes is then taken for the result.
 */
export class PartFile implements Output {
  readonly #path: string;
  readonly #file: DurableFile;
  readonly #writer: WriteBehind;
  readonly #tail: Tail;
  readonly #base: number | null;
  readonly #overwrite: boolean;
  readonly #whenEmpty: Buffer;
  /** Bytes of the complete file if `#bytes` is 0. */
  readonly #emptyBytes: number;
  /** The file is complete and nothing was appended since: it has its final name, and holds `#whenEmpty` if `#bytes` is 0. */
  #complete: boolean;
  #bytes: number;
  /** The way back from being complete, once somebody appends. */
  #begunAgain: Promise<void> | null = null;
  #completed: Promise<void> | null = null;

  private constructor({
    path,
    file,
    mark,
    tail,
    whenEmpty = nothing,
    emptyBytes = whenEmpty.length,
    complete = false,
  }: OpenedPart) {
    this.#path = path;
    this.#file = file;
    this.#writer = new WriteBehind(file, mark.bytes);
    this.#tail = tail;
    this.#base = mark.base;
    this.#overwrite = mark.overwrite;
    this.#whenEmpty = whenEmpty;
    this.#emptyBytes = emptyBytes;
    this.#complete = complete;
    this.#bytes = mark.bytes;
  }

  /** Begins a new file. Rejects with `target_exists` if its name, or that of its `.part`, is taken. */
  static async create(path: string, { overwrite, replacePart, whenEmpty }: CreatePart): Promise<PartFile> {
    await demandFree(path, overwrite);
    await clearPart(partOf(path), overwrite || replacePart === true);
    const file = await createDurably(partOf(path));
    return new PartFile({
      path,
      file,
      mark: { bytes: 0, base: null, overwrite },
      tail: new Tail(),
      whenEmpty,
    });
  }

  /** Goes on at `mark`, taking back what was written behind it. Rejects with `target_changed` if the file is not what the mark describes. */
  static async resume(path: string, mark: Mark, whenEmpty?: Buffer): Promise<PartFile> {
    const known = parsePartMark(path, mark);
    const file = await openIfThere(known.base === null ? partOf(path) : path);
    if (file === null) return await PartFile.#take(path, known, whenEmpty);
    return await closingOnFailure(file, async () => {
      const tail = await demandKnown(file, known);
      await cutBack(file, known.bytes);
      return new PartFile({ path, file, mark: known, tail, whenEmpty });
    });
  }

  /**
   * Goes on with the complete file of a job that had finished. It stays as it is, and keeps its name, until something is appended. Rejects with
   * `target_changed` if it is not exactly what the mark describes.
   */
  static async reopen(path: string, mark: Mark, whenEmpty?: Buffer): Promise<PartFile> {
    const known = parsePartMark(path, mark);
    // Gone: killed after it had become a `.part` again.
    if (known.base === null && (await lookUp(path)) === null)
      return await PartFile.resume(path, mark, whenEmpty);
    return await PartFile.#take(path, known, whenEmpty);
  }

  /**
   * Appends to `path` in place; creates it if it is missing. With `lines`, rejects with `target_refused` if it does not end in a
   * newline: the first record would become a part of its last line.
   */
  static async append(path: string, { lines, whenEmpty }: AppendInPlace): Promise<PartFile> {
    const file = (await openIfThere(path)) ?? (await createDurably(path));
    return await closingOnFailure(file, async () => {
      const { size } = await file.stat();
      if (lines) await demandNewline(file, size);
      const mark = { bytes: size, base: size, overwrite: false };
      return new PartFile({ path, file, mark, tail: await readTail(file, size), whenEmpty });
    });
  }

  /** Takes a file for complete. */
  static async #take(path: string, mark: PartMark, whenEmpty: Buffer = nothing): Promise<PartFile> {
    const file = await openIfThere(path);
    if (file === null) throw targetChanged(path, 'is gone');
    return await closingOnFailure(file, async () => {
      const tail = await demandKnown(file, mark);
      // Without records there is a header at most: less, if the columns were not known then.
      const emptyBytes = Math.min((await file.stat()).size, whenEmpty.length);
      await demandSize(file, mark.bytes || emptyBytes);
      return new PartFile({ path, file, mark, tail, whenEmpty, emptyBytes, complete: true });
    });
  }

  get isEmpty(): boolean {
    return this.#bytes === 0;
  }

  mark(): Mark {
    return { bytes: this.#bytes, tail: this.#tail.hash(), base: this.#base, overwrite: this.#overwrite };
  }

  async append(bytes: Buffer): Promise<void> {
    if (bytes.length > 0) {
      if (this.#complete) this.#begunAgain ??= this.#beginAgain(this.#bytes);
      this.#bytes += bytes.length;
      this.#tail.push(bytes);
    }
    if (this.#begunAgain) await this.#begunAgain;
    await this.#writer.append(bytes);
  }

  async sync(): Promise<void> {
    if (this.#begunAgain) await this.#begunAgain;
    await this.#writer.flush();
    await this.#file.syncData();
  }

  async close(complete: boolean): Promise<void> {
    if (complete) {
      this.#completed ??= this.#finish();
      await this.#completed;
    }
    await this.#begunAgain?.catch(() => {});
    await this.#writer.stop();
    await this.#file.close();
  }

  async #finish(): Promise<void> {
    if (this.#begunAgain) await this.#begunAgain;
    if (this.#complete) return await syncDirectory(dirname(this.#path));
    if (this.#bytes === 0) await this.#writer.append(this.#whenEmpty);
    await this.sync();
    const name = this.#base === null ? partOf(this.#path) : this.#path;
    await demandUntouched(this.#file, name, this.#bytes || this.#whenEmpty.length);
    await this.#file.close();
    if (this.#base !== null) return;
    await demandFree(this.#path, this.#overwrite);
    await renameDurably(name, this.#path);
  }

  async #beginAgain(bytes: number): Promise<void> {
    await demandUntouched(this.#file, this.#path, bytes || this.#emptyBytes);
    if (this.#base === null) {
      await clearPart(partOf(this.#path), false);
      await renameDurably(this.#path, partOf(this.#path));
    }
    await cutBack(this.#file, bytes);
    this.#complete = false;
  }
}

/** What a constructor is told. */
interface OpenedPart {
  readonly path: string;
  readonly file: DurableFile;
  readonly mark: Omit<PartMark, 'tail'>;
  readonly tail: Tail;
  readonly whenEmpty?: Buffer | undefined;
  readonly emptyBytes?: number;
  readonly complete?: boolean;
}

function partOf(path: string): string {
  return `${path}.part`;
}
