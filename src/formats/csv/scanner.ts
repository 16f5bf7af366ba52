import type { Scanner, SkipState } from '../scanner.js';
import type { RecordTable } from '../table.js';
import type { CsvDialect } from './dialect.js';
import { INCOMPLETE, RecordReader } from './record.js';
import { type ScanKernel, scanKernel } from './scan-kernel.js';
import { skipRecord } from './skip.js';

export { type CsvRow, scanRow } from './row.js';

/**
 * Finds records and fields in CSV. LF, CRLF and a lone CR end a record; a blank line is no record unless records have a single field. A quote is a quote at the
 * beginning of a field alone, and spaces belong to the field. A byte order mark must be behind `from`, and UTF-8 is not checked here.
 */
export class CsvScanner implements Scanner {
  readonly syntax = 'csv';
  readonly quote: number;
  readonly escape: number;
  readonly #dialect: CsvDialect;
  readonly #width: number;
  readonly #nullText: Buffer;
  readonly #reader: RecordReader;
  readonly #kernel: ScanKernel | null;

  /** `width`: fields of every good record, at least 1; that of the tables to be filled. Without a kernel every record is read a byte at a time. */
  constructor(dialect: CsvDialect, width: number, kernel: ScanKernel | null = scanKernel()) {
    this.quote = dialect.quote;
    this.escape = dialect.escape;
    this.#dialect = dialect;
    this.#width = width;
    this.#nullText = Buffer.from(dialect.nullText);
    this.#reader = new RecordReader(dialect);
    this.#kernel = kernel?.reads(dialect, this.#nullText, width) ? kernel : null;
  }

  scan(bytes: Buffer, from: number, end: number, last: boolean, table: RecordTable): number {
    this.#kernel?.begin(bytes, from, end, this.#dialect, this.#nullText);
    let at = from;
    while (at < end && !isFull(table, at)) {
      if (table.count === table.capacity) table.grow();
      const behind = this.#kernel?.scan(at, table) ?? at;
      const next = behind > at ? behind : this.#scanOne(bytes, at, end, last, table);
      if (next === INCOMPLETE) break;
      at = next;
    }
    return at;
  }

  skip(bytes: Buffer, from: number, end: number, state: SkipState): number {
    return skipRecord(bytes, from, end, state, this.#dialect);
  }

  /** One record of any kind, or a blank line. */
  #scanOne(bytes: Buffer, from: number, end: number, last: boolean, table: RecordTable): number {
    const reader = this.#reader;
    const next = reader.read(bytes, from, end, last);
    if (next === INCOMPLETE) return next;
    if (reader.recordEnd === from && this.#width > 1) {
      table.blankLines++;
      return next;
    }
    table.innerLines += reader.innerLines;
    if (reader.reason !== null) this.#reject(table, from, reader.reason, reader.message);
    else if (reader.fields !== this.#width) this.#reject(table, from, 'ragged', this.#raggedMessage());
    else this.#accept(table, from);
    return next;
  }

  #accept(table: RecordTable, from: number): void {
    const { fields, starts, ends, recordEnd, quoted } = this.#reader;
    const cell = table.count * table.width;
    for (let i = 0; i < fields; i++) {
      table.starts[cell + i] = starts[i]!;
      table.ends[cell + i] = ends[i]!;
    }
    table.recordStarts[table.count] = from;
    table.recordEnds[table.count] = recordEnd;
    table.count++;
    if (quoted) table.plain = false;
  }

  #reject(
    table: RecordTable,
    start: number,
    reason: 'ragged' | NonNullable<RecordReader['reason']>,
    message: string,
  ) {
    table.malformed.push({ before: table.count, start, end: this.#reader.recordEnd, reason, message });
  }

  #raggedMessage(): string {
    const { fields } = this.#reader;
    return `${fields} ${fields === 1 ? 'field' : 'fields'} instead of ${this.#width}`;
  }
}

function isFull(table: RecordTable, at: number): boolean {
  const records = table.count + table.malformed.length;
  return records >= table.limit || (records > 0 && at >= table.byteLimit);
}
