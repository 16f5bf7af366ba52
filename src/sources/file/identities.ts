import { createHash } from 'node:crypto';
import { type FileIdentity, fileIdentity } from '../../storage/identity.js';

/** A file of a source, as it was when it was opened. */
export interface NamedIdentity extends FileIdentity {
  readonly path: string;
}

/** Files that are finished, in one hash: so that a checkpoint does not grow with their number. */
export interface EarlierFiles {
  /** They are the first of the source. */
  readonly count: number;
  /** Path of the last of them. */
  readonly last: string;
  /** SHA-256 (hex) over path, size and head of each, in order. */
  readonly sha256: string;
}

/** Finished files that are kept in full, so that a message can say which of them changed, and how. */
const KEPT = 8;

/** The identities of a source's files. */
export class FileIdentities {
  readonly #paths: readonly string[];
  readonly #known = new Map<number, NamedIdentity>();
  /** The hash of the first files, by their number. */
  readonly #hashes: string[] = [''];

  constructor(paths: readonly string[]) {
    this.#paths = paths;
  }

  /** Of a file as it was when this was first asked: what changes it afterwards is seen on resume. */
  async of(file: number): Promise<NamedIdentity> {
    const known = this.#known.get(file);
    if (known) return known;
    const path = this.#paths[file]!;
    const identity = { path, ...(await fileIdentity(path)) };
    this.#known.set(file, identity);
    return identity;
  }

  /** Of all files up to one: the newest in full, those before them in one hash. */
  async upTo(file: number): Promise<{ earlier: EarlierFiles | null; files: readonly NamedIdentity[] }> {
    const count = Math.max(0, file - KEPT);
    const files: NamedIdentity[] = [];
    for (let i = count; i <= file; i++) files.push(await this.of(i));
    return { earlier: count === 0 ? null : await this.first(count), files };
  }

  /** Of the first files of the source, one at least, in one hash. */
  async first(count: number): Promise<EarlierFiles> {
    for (let i = this.#hashes.length; i <= count; i++) {
      const { path, size, head } = await this.of(i - 1);
      const entry = JSON.stringify([this.#hashes[i - 1], path, size, head]);
      this.#hashes.push(createHash('sha256').update(entry).digest('hex'));
    }
    return { count, last: this.#paths[count - 1]!, sha256: this.#hashes[count]! };
  }
}
