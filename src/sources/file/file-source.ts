import type { Batch } from '../../core/batch.js';
import { grouped } from '../../core/grouped.js';
import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { CsvScanner } from '../../formats/csv/scanner.js';
import { type FileFormat, type Formatting, formatOf } from '../../formats/file-format.js';
import { NdjsonScanner } from '../../formats/ndjson/scanner.js';
import type { Scanner } from '../../formats/scanner.js';
import { fileIdentity } from '../../storage/identity.js';
import type { BatchReader } from './batch-reader.js';
import { describeCsv, describeNdjson, textColumn } from './describe.js';
import { FileReaders, type FilesSettings } from './file-readers.js';
import { checkHeader, readHeader } from './header.js';
import { FileIdentities } from './identities.js';
import { openInput } from './open-input.js';
import { asFilePosition, type FilePosition, startOf } from './position.js';
import { skipLateLineEnding } from './preamble.js';
import { type FilesIdentity, tailOf, verifyFiles } from './verify.js';

/** What a file source is made of. */
export interface FileSourceSettings extends FilesSettings {
  /** What the person called it. */
  readonly name: string;
  readonly format: FileFormat;
  readonly formatting: Formatting;
  /** Names that replace those of the header, or stand in for them; null: there are none. */
  readonly columns: readonly string[] | null;
  /** NDJSON: a key that is no column is no fault. */
  readonly otherKeys: boolean;
}

/** A signal that is never aborted. */
const never = new AbortController().signal;

/** Records of one file, of many, or of stdin. */
export class FileSource implements Source {
  readonly name: string;
  readonly format: FileFormat;
  readonly #settings: FileSourceSettings;
  readonly #readers: FileReaders;
  readonly #identities: FileIdentities;

  constructor(settings: FileSourceSettings) {
    this.name = settings.name;
    this.format = settings.format;
    this.#settings = settings;
    this.#readers = new FileReaders(settings);
    this.#identities = new FileIdentities(settings.paths);
  }

  async describe(signal: AbortSignal): Promise<Description> {
    const { formatting, paths, columns } = this.#settings;
    for (const [file, path] of paths.entries()) {
      const reader = await this.#readers.openSample(file, signal);
      try {
        const found =
          formatting.kind === 'csv'
            ? await describeCsv(reader, path, formatting, columns)
            : await describeNdjson(reader, columns);
        if (found) return found;
      } finally {
        await reader.close();
      }
    }
    return { columns: (columns ?? []).map(textColumn), notes: [] };
  }

  async *open(how: OpenSource): AsyncGenerator<Batch> {
    const { paths } = this.#settings;
    const { limits, progressing, signal } = how;
    const from = this.#beginning(how.from);
    const width = how.cells ? how.columns.length : 0;
    let yielded = false;
    for (let file = from.file; file < paths.length && !signal.aborted; file++) {
      const start = file === from.file ? from : startOf(file, paths[file]!);
      if (start.path !== '-') await this.#identities.of(file);
      const reader = await this.#readers.open(start, progressing, signal);
      const begun = await this.#begin(reader, start, how);
      const scanner = this.#scanner(how);
      while (begun) {
        const batch = signal.aborted ? null : await reader.next(limits, scanner, width);
        if (!batch) break;
        yielded = true;
        yield batch;
      }
      if (file === paths.length - 1 && !yielded && !signal.aborted)
        yield reader.nothing(scanner, width, begun ? undefined : start);
      await reader.close();
    }
  }

  async identify(position: Position): Promise<JsonObject> {
    const at = asFilePosition(position);
    if (at.path === '-') return { files: [], tail: null };
    const tail = tailOf(at.path, at, formatOf(at.path).gzip);
    return { ...(await this.#identities.upTo(at.file)), tail } as unknown as JsonObject;
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
    await this.#readers.close();
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
    if (start.unterminated) await skipLateLineEnding(reader, start);
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
}
