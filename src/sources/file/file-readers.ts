import type { Progressing } from '../../core/source.js';
import { openStdinInput } from '../../storage/stdin-input.js';
import { BatchReader, type ReaderSettings } from './batch-reader.js';
import { decoded, type InputSettings, type OpenedInput, openInput, windForward } from './open-input.js';
import { type FilePosition, startOf } from './position.js';
import { skipByteOrderMark } from './preamble.js';
import { ReadAhead } from './read-ahead.js';
import { ReplayInput } from './replay-input.js';
import { WindowPool } from './window.js';

/** The files of a source, and how they are to be read. */
export interface FilesSettings extends ReaderSettings, InputSettings {
  /** In order; `-` alone for stdin. */
  readonly paths: readonly string[];
}

/** Opens the files of a source, one at a time. Whoever opens one closes its reader before the next. */
export class FileReaders {
  readonly #settings: FilesSettings;
  readonly #pool = new WindowPool();
  #stdin: ReplayInput | null = null;
  #reader: BatchReader | null = null;

  constructor(settings: FilesSettings) {
    this.#settings = settings;
  }

  /** A reader at the beginning of a file, to look at a sample. What it reads of stdin can be read again by {@link open}. */
  async openSample(file: number, signal: AbortSignal): Promise<BatchReader> {
    const at = startOf(file, this.#settings.paths[file]!);
    const input = at.path === '-' ? await this.#sampleOfStdin(at, signal) : await this.#openInput(at, signal);
    return await this.#read(input, at, signal, false);
  }

  /** A reader at a position. */
  async open(at: FilePosition, progressing: Progressing, signal: AbortSignal): Promise<BatchReader> {
    const stdin = at.path === '-' ? this.#stdin : null;
    const input = stdin ? await this.#rewound(stdin, at) : await this.#openInput(at, signal, progressing);
    return await this.#read(input, at, signal, true);
  }

  /** Closes what is open. */
  async close(): Promise<void> {
    await this.#reader?.close();
    this.#stdin?.rewind();
    await this.#stdin?.close();
    this.#stdin = null;
  }

  #openInput(
    at: FilePosition,
    signal: AbortSignal,
    progressing: Progressing = () => {},
  ): Promise<OpenedInput> {
    return openInput(at, this.#settings, progressing, signal);
  }

  /** Stdin can be opened only once: what a sample consumed is kept and read again. */
  async #sampleOfStdin(at: FilePosition, signal: AbortSignal): Promise<OpenedInput> {
    const resume = { offset: 0, waypoint: null, progressing: () => {}, signal };
    this.#stdin = new ReplayInput(await openStdinInput(this.#settings.stdin, resume));
    return decoded(this.#stdin, at, this.#settings, false);
  }

  async #rewound(stdin: ReplayInput, at: FilePosition): Promise<OpenedInput> {
    stdin.rewind();
    await windForward(stdin, at);
    return decoded(stdin, at, this.#settings, false);
  }

  async #read(
    { input, batchInput }: OpenedInput,
    at: FilePosition,
    signal: AbortSignal,
    eager: boolean,
  ): Promise<BatchReader> {
    const { maxRecordBytes, wholeLines, encoding, paths } = this.#settings;
    const ahead = new ReadAhead(input, this.#pool, signal, eager);
    // A file that has a successor is not being written any more.
    const settings = { maxRecordBytes, wholeLines: wholeLines && at.file === paths.length - 1 };
    const reader = new BatchReader(ahead, batchInput, at, settings, this.#pool);
    this.#reader = reader;
    const marked = encoding === 'utf-8' || encoding === 'utf-16';
    if (at.offset === 0 && marked) await skipByteOrderMark(reader);
    return reader;
  }
}
