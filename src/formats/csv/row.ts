import type { ReasonCode } from '../../core/batch.js';
import type { TextRecords } from '../../core/records.js';
import { cellText } from '../cells.js';
import type { CsvDialect } from './dialect.js';
import { INCOMPLETE, RecordReader } from './record.js';

/** A row read as text: a header, or the first record of a file without one. */
export interface CsvRow {
  /** The text of each field; of a null field the text that means null. */
  readonly fields: string[];
  /** Which fields are null. */
  readonly nulls: boolean[];
  /** Offset behind its line ending. */
  readonly next: number;
  /** Line endings inside quotes. */
  readonly innerLines: number;
  /** Why the row cannot be read; its fields are a guess then. */
  readonly problem: { readonly reason: ReasonCode; readonly message: string } | null;
}

/**
 * Reads the row of any width that begins at `from`. Null if it goes on behind `end`; `last` says that nothing does. A blank line is a row
 * of one empty field. The bytes are taken for UTF-8 without a look.
 */
export function scanRow(
  bytes: Buffer,
  from: number,
  end: number,
  dialect: CsvDialect,
  last = false,
): CsvRow | null {
  const reader = new RecordReader(dialect);
  const next = reader.read(bytes, from, end, last);
  if (next === INCOMPLETE) return null;
  const records = oneRecord(bytes, from, dialect, reader);
  const texts = Array.from({ length: reader.fields }, (_, i) => cellText(records, i));
  return {
    fields: texts.map(text => text ?? dialect.nullText),
    nulls: texts.map(text => text === null),
    next,
    innerLines: reader.innerLines,
    problem: reader.reason === null ? null : { reason: reader.reason, message: reader.message },
  };
}

function oneRecord(bytes: Buffer, from: number, dialect: CsvDialect, reader: RecordReader): TextRecords {
  return {
    form: 'text',
    syntax: 'csv',
    quote: dialect.quote,
    escape: dialect.escape,
    bytes,
    ascii: false,
    plain: !reader.quoted,
    count: 1,
    width: reader.fields,
    starts: Uint32Array.from(reader.starts.slice(0, reader.fields)),
    ends: Uint32Array.from(reader.ends.slice(0, reader.fields)),
    recordStarts: Uint32Array.of(from),
    recordEnds: Uint32Array.of(reader.recordEnd),
  };
}
