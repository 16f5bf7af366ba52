import type { Batch } from '../../core/batch.js';
import type { Column } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { grouped } from '../../core/grouped.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { CsvScanner } from '../../formats/csv/scanner.js';
import { type FileFormat, type Formatting, formatOf } from '../../formats/file-format.js';
import { discoverColumns } from '../../formats/ndjson/discover.js';
import { NdjsonScanner } from '../../formats/ndjson/scanner.js';
import type { Scanner } from '../../formats/scanner.js';
import { fileIdentity } from '../../storage/identity.js';
import { BatchReader, type ReaderSettings } from './batch-reader.js';
import { checkHeader, countFields, readHeader, uniqueNames } from './header.js';
import { decoded, type InputSettings, type OpenedInput, openInput, windForward } from './open-input.js';
import { asFilePosition, type FilePosition, startOf } from './position.js';
import { ReplayInput } from './replay-input.js';
import { CsvSample, SAMPLE_BYTES, SAMPLE_PIECE, SAMPLE_RECORDS } from './sample.js';
import { type FilesIdentity, tailOf, verifyFiles } from './verify.js';
import { WindowPool } from './window.js';

/** What a file source is made of. */
export interface FileSourceSettings extends ReaderSettings, InputSettings {
  /** What the person called it. */
  readonly name: string;
  /** In order; `-` alone for stdin. */
  readonly paths: readonly string[];
  readonly format: FileFormat;
  readonly formatting: Formatting;
  /** Names that replace those of the header, or stand in for them; null: there are none. */
  readonly columns: readonly string[] | null;
  /** NDJSON: a key that is no column is no fault. */
  readonly otherKeys: boolean;
}

/** Bytes of a UTF-8 byte order mark. */
const BOM = Buffer.from('\ufeff');

/** Records of one file, of many, or of stdin. */
export class FileSource implements Source {
  readonly name: string;
  readonly format: FileFormat;
  readonly #settings: FileSourceSettings;
  readonly #pool = new WindowPool();
  readonly #identities = new Map<string, FilesIdentity['files'][number]>();
  #stdin: ReplayInput | null = null;
  #reader: BatchReader | null = null;

  constructor(settings: FileSourceSettings) {
    this.name = settings.name;
    this.format = settings.format;
    this.#settings = settings;
  }

  async describe(signal: AbortSignal): Promise<Description> {
    const { formatting, paths } = this.#settings;
    for (const [file, path] of paths.entries()) {
      const reader = await this.#open(startOf(file, path), true, () => {}, signal);
      try {
        const found =
          formatting.kind === 'csv'
            ? await this.#describeCsv(reader, path, formatting)
            : await this.#describeNdjson(reader);
        if (found) return found;
      } finally {
        await reader.close();
      }
    }
    return { columns: (this.#settings.columns ?? []).map(textColumn), notes: [] };
  }

  async *open(how: OpenSource): AsyncGenerator<Batch> {
    const { paths } = this.#settings;
    const from = this.#beginning(how.from);
    let yielded = false;
    for (let file = from.file; file < paths.length && !how.signal.aborted; file++) {
      const start = file === from.file ? from : startOf(file, paths[file]!);
      const reader = await this.#open(start, false, how.progressing, how.signal);
      const begun = await this.#begin(reader, start, how);
      const scanner = this.#scanner(how);
      while (begun) {
        const batch = how.signal.aborted ? null : await reader.next(how.limits, scanner, widthOf(how));
        if (!batch) break;
        yielded = true;
        yield batch;
      }
      if (file === paths.length - 1 && !yielded && !how.signal.aborted)
        yield reader.nothing(scanner, widthOf(how), begun ? undefined : start);
      await reader.close();
    }
  }

  async identify(position: Position): Promise<JsonObject> {
    const at = asFilePosition(position);
    if (at.path === '-') return { files: [], tail: null };
    const files = [];
    for (let i = 0; i <= at.file; i++) files.push(await this.#identityOf(this.#settings.paths[i]!));
    return { files, tail: await tailOf(at.path, at, formatOf(at.path).gzip) } as unknown as JsonObject;
  }

  async verify(identity: JsonObject, position: Position): Promise<Verdict> {
    const at = asFilePosition(position);
    // Stdin is compared when it is read forward.
    if (at.path === '-') return { kind: 'grown' };
    return await verifyFiles(
      identity as unknown as FilesIdentity,
      at,
      this.#settings.paths,
      formatOf(at.path).gzip,
      async offset => (await openInput({ ...at, offset }, this.#settings, () => {}, never)).input,
    );
  }

  tell(position: Position): string {
    const { path, offset, record } = asFilePosition(position);
    return `${path === '-' ? 'stdin' : path}, byte ${grouped(offset)}, record ${grouped(record)}`;
  }

  /** Bytes of all files; unknown where they are compressed or come from stdin. */
  async size(): Promise<SourceSize> {
    const { paths } = this.#settings;
    if (paths.some(path => path === '-' || formatOf(path).gzip)) return {};
    let bytes = 0;
    for (const path of paths) bytes += (await fileIdentity(path, 0)).size;
    return { bytes };
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#stdin?.rewind();
    await this.#stdin?.close();
    this.#stdin = null;
  }

  async #describeCsv(
    reader: BatchReader,
    path: string,
    { dialect, header }: { readonly dialect: CsvDialect; readonly header: boolean },
  ): Promise<Description | null> {
    const { columns } = this.#settings;
    const fields = header ? await readHeader(reader, dialect, path) : await unnamed(reader, dialect, path);
    if (!fields) return null;
    if (columns && columns.length !== fields.length) {
      throw new TrancheError(
        'usage',
        `--columns names ${columns.length} columns, ${path} has ${fields.length}`,
        { path },
      );
    }
    const { names, notes } = uniqueNames(columns ?? fields);
    const sample = new CsvSample(names.length);
    const scanner = new CsvScanner(dialect, names.length);
    for (let bytes = 0; sample.records < SAMPLE_RECORDS && bytes < SAMPLE_BYTES; ) {
      const limits = { records: SAMPLE_RECORDS - sample.records, bytes: SAMPLE_PIECE };
      const batch = await reader.next(limits, scanner, names.length);
      if (!batch) break;
      sample.add(batch.records);
      bytes += batch.bytes;
      batch.release();
    }
    return { columns: sample.columns(names), notes };
  }

  async #describeNdjson(reader: BatchReader): Promise<Description | null> {
    const limits = { records: SAMPLE_RECORDS, bytes: SAMPLE_BYTES };
    const batch = await reader.next(limits, new NdjsonScanner([]), 0);
    if (!batch) return null;
    const { bytes, count, recordStarts, recordEnds } = batch.records;
    const first = count === 0 ? 0 : recordStarts[0]!;
    const last = count === 0 ? 0 : recordEnds[count - 1]!;
    const found = discoverColumns(bytes, first, last, true, SAMPLE_RECORDS);
    batch.release();
    const types = new Map(found.names.map((name, i) => [name, found.types[i] ?? 'text']));
    const names = this.#settings.columns ?? found.names;
    return {
      columns: names.map(name => ({ ...textColumn(name), type: types.get(name) ?? 'text' })),
      notes: [],
    };
  }

  /** The list of files may have changed since the position was taken; a caller who goes on nevertheless means what comes behind it. */
  #beginning(position: Position | null): FilePosition {
    const { paths } = this.#settings;
    if (!position) return startOf(0, paths[0]!);
    const from = asFilePosition(position);
    const file = paths.indexOf(from.path);
    if (file >= 0) return { ...from, file };
    const next = paths.findIndex(path => path > from.path);
    return next >= 0 ? startOf(next, paths[next]!) : { ...from, file: paths.length };
  }

  /** Passes over what comes before the records. False if it is not there yet. */
  async #begin(reader: BatchReader, start: FilePosition, how: OpenSource): Promise<boolean> {
    const { formatting, columns } = this.#settings;
    if (start.unterminated) await reader.consume(lateLineEnding(start));
    if (start.offset > 0 || formatting.kind !== 'csv' || !formatting.header) return true;
    const fields = await readHeader(reader, formatting.dialect, start.path);
    if (!fields) return false;
    const names = how.columns.map(({ name }) => name);
    if (!columns) checkHeader(fields, names, start.path);
    return true;
  }

  #scanner({ columns, cells }: OpenSource): Scanner {
    const { formatting } = this.#settings;
    if (formatting.kind === 'csv') return new CsvScanner(formatting.dialect, columns.length);
    return new NdjsonScanner(cells ? columns.map(({ name }) => name) : [], this.#settings.otherKeys);
  }

  async #open(
    at: FilePosition,
    sampling: boolean,
    progressing: OpenSource['progressing'],
    signal: AbortSignal,
  ): Promise<BatchReader> {
    const { encoding, wholeLines, paths } = this.#settings;
    if (at.path !== '-' && !sampling) await this.#identityOf(at.path);
    const { input, batchInput } = await this.#openInput(at, sampling, progressing, signal);
    // A file that has a successor is not being written any more.
    const settings = { ...this.#settings, wholeLines: wholeLines && at.file === paths.length - 1 };
    const reader = new BatchReader(input, batchInput, at, settings, this.#pool, signal, !sampling);
    this.#reader = reader;
    const marked = encoding === 'utf-8' || encoding === 'utf-16';
    if (at.offset === 0 && marked) await reader.consume(byteOrderMark);
    return reader;
  }

  /** Stdin can be opened only once: what a sample consumed is kept and read again. */
  async #openInput(
    at: FilePosition,
    sampling: boolean,
    progressing: OpenSource['progressing'],
    signal: AbortSignal,
  ): Promise<OpenedInput> {
    if (at.path !== '-' || !(sampling || this.#stdin))
      return await openInput(at, this.#settings, progressing, signal);
    if (this.#stdin) {
      this.#stdin.rewind();
      await windForward(this.#stdin, at);
    } else {
      const { openStdinInput } = await import('../../storage/stdin-input.js');
      const resume = { offset: 0, waypoint: null, progressing, signal };
      this.#stdin = new ReplayInput(await openStdinInput(this.#settings.stdin, resume));
    }
    return decoded(this.#stdin, at, this.#settings, false);
  }

  /** As the file was when it was opened: what changes it afterwards is seen on resume. */
  async #identityOf(path: string): Promise<FilesIdentity['files'][number]> {
    const known = this.#identities.get(path);
    if (known) return known;
    const identity = { path, ...(await fileIdentity(path)) };
    this.#identities.set(path, identity);
    return identity;
  }
}

/** A signal that is never aborted. */
const never = new AbortController().signal;

function widthOf({ columns, cells }: OpenSource): number {
  return cells ? columns.length : 0;
}

function textColumn(name: string): Column {
  return { name, type: 'text', declared: false };
}

async function unnamed(reader: BatchReader, dialect: CsvDialect, path: string): Promise<string[] | null> {
  const count = await countFields(reader, dialect, path);
  return count === null ? null : Array.from({ length: count }, (_, i) => `column_${i + 1}`);
}

function byteOrderMark(bytes: Buffer, last: boolean): { bytes: number; lines: number } | null {
  if (bytes.length < BOM.length && !last) return null;
  return { bytes: bytes.subarray(0, BOM.length).equals(BOM) ? BOM.length : 0, lines: 0 };
}

/** The line ending of a last line that had none when it was read. Anything else would be half a record. */
function lateLineEnding({ path, offset }: FilePosition) {
  return (bytes: Buffer, last: boolean): { bytes: number; lines: number } | null => {
    if (bytes.length === 0) return last ? { bytes: 0, lines: 0 } : null;
    if (bytes[0] === 10) return { bytes: 1, lines: 1 };
    if (bytes[0] !== 13) {
      throw new TrancheError(
        'source_changed',
        `${path}: the line at byte ${offset}, which was the last and had no line ending, was continued`,
        {
          path,
          hint: 'start from the beginning with --fresh; --whole-lines leaves such a line for the next run',
        },
      );
    }
    if (bytes.length === 1 && !last) return null;
    return { bytes: bytes[1] === 10 ? 2 : 1, lines: 1 };
  };
}
