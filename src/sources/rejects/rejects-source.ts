import { isUtf8 } from 'node:buffer';
import type { Batch } from '../../core/batch.js';
import type { Column } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { grouped } from '../../core/grouped.js';
import type { Position } from '../../core/position.js';
import { isTruncated, type KeptReject } from '../../core/reject.js';
import type { Description, OpenSource, Source, SourceSize, Verdict } from '../../core/source.js';
import { CsvScanner } from '../../formats/csv/scanner.js';
import type { FileFormat, Formatting } from '../../formats/file-format.js';
import { NdjsonScanner } from '../../formats/ndjson/scanner.js';
import { SingleByteDecoder } from '../../storage/single-byte-decoder.js';
import { type Piece, RejectsBatch, type Scanning } from './rejects-batch.js';
import { rowText } from './row-text.js';

/** What the rejects of a job are made of. */
export interface RejectsSourceSettings {
  /** As a person would name them. */
  readonly name: string;
  /** Format of the files that the records came from; null: they were rows of a table. */
  readonly format: FileFormat | null;
  readonly formatting: Formatting;
  /** NDJSON: a key that is no column is no fault. */
  readonly otherKeys: boolean;
  readonly maxRecordBytes: number;
  /** How records are to be read that are no valid UTF-8; null: they stay rejects. */
  readonly encoding: 'latin1' | 'windows-1252' | null;
  /** How many there are. */
  readonly count: number;
  /** The rejects behind an offset, each with the offset behind it. */
  read(from: number): AsyncIterable<{ readonly reject: KeptReject; readonly end: number }>;
}

/** Records that were rejected, read again as the job read them, and found where they were: a location is that of the original. */
export class RejectsSource implements Source {
  readonly name: string;
  readonly format: FileFormat | null;
  readonly #settings: RejectsSourceSettings;

  constructor(settings: RejectsSourceSettings) {
    this.name = settings.name;
    this.format = settings.format;
    this.#settings = settings;
  }

  /** The job knows its columns; where it never looked at them, nobody can. */
  async describe(): Promise<Description> {
    throw new TrancheError(
      'usage',
      `${this.name}: the job handed its records on without looking at their columns`,
      {
        hint: 'leave out what needs columns: --select, --rename, --types',
      },
    );
  }

  async *open(how: OpenSource): AsyncGenerator<Batch> {
    const { limits, signal, columns } = how;
    const scanning = this.#scanning(how);
    let start = how.from ?? position(0, 0);
    let record = recordOf(start);
    let pieces: Piece[] = [];
    let bytes = 0;
    let yielded = false;
    for await (const { reject, end } of this.#settings.read(offsetOf(start))) {
      if (signal.aborted) return;
      pieces.push({ reject, ...this.#textOf(reject, columns), end: position(end, ++record) });
      bytes += reject.raw.length;
      if (pieces.length < limits.records && bytes < limits.bytes) continue;
      yield new RejectsBatch(pieces, start, scanning);
      yielded = true;
      start = pieces.at(-1)!.end;
      pieces = [];
      bytes = 0;
    }
    if (pieces.length > 0 || !yielded) yield new RejectsBatch(pieces, start, scanning);
  }

  async identify(): Promise<Record<string, never>> {
    return {};
  }

  /** They are the job's own, in a file that nobody writes any more. */
  async verify(): Promise<Verdict> {
    return { kind: 'unchanged' };
  }

  tell(at: Position): string {
    return `reject ${grouped(recordOf(at))} of ${grouped(this.#settings.count)}`;
  }

  async size(): Promise<SourceSize> {
    return { records: this.#settings.count };
  }

  async close(): Promise<void> {}

  #scanning({ columns, cells }: OpenSource): Scanning {
    const { formatting, otherKeys, maxRecordBytes } = this.#settings;
    const width = cells ? columns.length : 0;
    const names = cells ? columns.map(({ name }) => name) : [];
    const scanner =
      formatting.kind === 'csv'
        ? new CsvScanner(formatting.dialect, columns.length)
        : new NdjsonScanner(names, otherKeys);
    return { scanner, width, maxRecordBytes };
  }

  #textOf(reject: KeptReject, columns: readonly Column[]): Pick<Piece, 'text' | 'fault'> {
    const { format, encoding } = this.#settings;
    const { raw, length } = reject;
    if (isTruncated(reject)) return { text: raw, fault: inPart(raw.length, length) };
    if (format === null) {
      const text = rowText(raw, columns);
      return { text: text ?? raw, fault: text === null ? withBinary : null };
    }
    return { text: encoding === null || isUtf8(raw) ? raw : decoded(raw, encoding), fault: null };
  }
}

const withBinary =
  'it has binary values, of which rejects keep a text alone: copy the row again with --query';

function inPart(kept: number, length: number): string {
  return `only ${kept} of its ${length} bytes were kept: give the whole record back with --from`;
}

function decoded(raw: Buffer, encoding: 'latin1' | 'windows-1252'): Buffer {
  const decoder = new SingleByteDecoder(encoding);
  const text = Buffer.alloc(raw.length * decoder.growth);
  return text.subarray(0, decoder.decode(raw, true, text).filled);
}

function position(offset: number, record: number): Position {
  return { offset, record };
}

function offsetOf(at: Position): number {
  return Number(at['offset']);
}

function recordOf(at: Position): number {
  return Number(at['record']);
}
