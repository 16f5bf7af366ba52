import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Call } from './calls.js';

/** A file as the program sees it, and as a power cut would leave it at least. */
export interface ModelFile {
  content: Buffer;
  /** What certainly survives. */
  durable: Buffer;
  /** It was cut, and the cut may still be undone by a power cut. */
  cut: boolean;
}

interface Name {
  readonly file: ModelFile;
  durable: boolean;
}

/** Who is told what is about to happen, with the disk as it is just before. */
export interface Watcher {
  renaming?(from: string, to: string, disk: Disk): void;
  writing?(path: string, data: Buffer, disk: Disk): void;
  removing?(path: string, disk: Disk): void;
}

const nothing = Buffer.alloc(0);
const emptyFile = (): ModelFile => ({ content: nothing, durable: nothing, cut: false });

/**
 * Replays a log of file calls on a disk that loses everything that was not flushed: contents until their own fsync, names until that of their
 * directory. It keeps nothing of its own accord, as no real disk would; a run that is right on it is right on all.
 */
export class Disk {
  readonly #directory: string;
  readonly #names = new Map<string, Name>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** After the calls of a run that was killed: what the program that goes on finds. What is durable stays as it was. */
  async afterKill(): Promise<void> {
    const there = new Set<string>();
    for (const entry of await readdir(this.#directory, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      there.add(path);
      if (!this.#names.has(path)) this.#names.set(path, { file: emptyFile(), durable: false });
      if (entry.isFile()) this.find(path)!.content = await readFile(path);
    }
    for (const path of this.#names.keys()) if (!there.has(path)) this.#names.delete(path);
  }

  /** Everything that is there is durable, but for one name. */
  async trustAllBut(lost: string): Promise<void> {
    await this.afterKill();
    for (const [path, name] of this.#names) {
      name.file.durable = name.file.content;
      name.durable = path !== resolve(this.#directory, lost);
    }
  }

  /** The file or directory of this name. */
  find(name: string): ModelFile | undefined {
    return this.#names.get(resolve(this.#directory, name))?.file;
  }

  /** True if the name survives a power cut. */
  keepsName(name: string): boolean {
    return this.#names.get(resolve(this.#directory, name))?.durable ?? false;
  }

  /** Names that would be lost, or come back. */
  get lostNames(): string[] {
    return [...this.#names].filter(([, { durable }]) => !durable).map(([path]) => path);
  }

  replay(calls: readonly Call[], watcher: Watcher = {}): void {
    const steps = calls.flatMap(call => this.#stepsOf(call, watcher));
    for (const { run } of steps.sort((a, b) => a.time - b.time)) run();
  }

  /** What a call does when it begins and when it ends. */
  #stepsOf(call: Call, watcher: Watcher): { time: number; run: () => void }[] {
    if (call.answer === -1 || call.answer === null) return [];
    const path = resolve(this.#directory, call.path);
    if (!path.startsWith(this.#directory)) return [];
    const at = (begins: () => void, ends: () => void) => [
      { time: call.began, run: begins },
      { time: call.ended + 0.5, run: ends },
    ];
    switch (call.name) {
      case 'openat':
      case 'mkdir':
        return at(
          () => {},
          () => this.#create(path, call),
        );
      case 'pwrite64':
      case 'write':
        return at(
          () => watcher.writing?.(path, call.data, this),
          () => this.#write(path, call),
        );
      case 'ftruncate':
        return at(
          () => {},
          () => this.#cut(path, call.number),
        );
      case 'fsync':
      case 'fdatasync':
        return this.#flush(path, at);
      case 'rename': {
        const to = resolve(this.#directory, call.to!);
        return at(
          () => watcher.renaming?.(path, to, this),
          () => this.#rename(path, to),
        );
      }
      case 'unlink':
        return at(
          () => watcher.removing?.(path, this),
          () => this.#names.delete(path),
        );
      default:
        return [];
    }
  }

  #create(path: string, { name, flags }: Call): void {
    if (this.#names.has(path) || (name === 'openat' && !flags.includes('O_CREAT'))) return;
    this.#names.set(path, { file: emptyFile(), durable: false });
  }

  #write(path: string, { name, data, number }: Call): void {
    const file = this.find(path);
    if (!file) return;
    const from = name === 'write' ? file.content.length : number;
    const content = Buffer.alloc(Math.max(file.content.length, from + data.length));
    file.content.copy(content);
    data.copy(content, from);
    file.content = content;
  }

  #cut(path: string, length: number): void {
    const file = this.find(path);
    if (!file) return;
    file.content = file.content.subarray(0, length);
    file.cut = true;
  }

  /** What was there when the flush began is durable when it has ended. */
  #flush<T>(path: string, at: (begins: () => void, ends: () => void) => T): T {
    let content: Buffer | undefined;
    let names: [string, Name][] = [];
    return at(
      () => {
        content = this.find(path)?.content;
        names = [...this.#names].filter(([name]) => dirname(name) === path);
      },
      () => {
        const file = this.find(path);
        if (file && content) Object.assign(file, { durable: content, cut: false });
        for (const [, name] of names) name.durable = true;
      },
    );
  }

  #rename(from: string, to: string): void {
    const name = this.#names.get(from);
    if (!name) return;
    this.#names.delete(from);
    this.#names.set(to, { file: name.file, durable: false });
  }
}
