import {
  CellKind,
  END_MASK,
  KIND_SHIFT,
  type Records,
  type RowRecords,
  type TextRecords,
  type Value,
} from '../../core/records.js';
import { type CsvDialect, defaultDialect } from '../../formats/csv/dialect.js';
import { CsvEncoder } from '../../formats/csv/writer.js';
import type { EncodeRefusal, OutputBuffer } from '../../formats/encoder.js';
import { quoteText } from '../../postgres/sql.js';
import type { BoundColumn } from './prepare-table.js';
import { SingleColumnEncoder } from './single-column-encoder.js';

const LF = 0x0a;

/**
 * Writes records as COPY reads them: CSV behind one empty line that stands for a header and tells the server that lines end with LF. Records of CSV whose dialect the server understands are
 * copied as they stand, unless a quote stands where only the server would take it for one.
 */
export class CopyEncoder {
  /** What stands in the parentheses of `COPY … WITH (…)`. */
  readonly options: string;
  readonly quote: number;
  readonly #same: CsvEncoder | null;
  readonly #other: CsvEncoder | SingleColumnEncoder;
  readonly #hasBinary: boolean;

  constructor(columns: readonly BoundColumn[], source: CsvDialect | null) {
    const outputs = columns.map(({ source: output }) => ({ ...output, declared: false }));
    const dialect = source && isUnderstood(source) ? source : defaultDialect('csv');
    const how = { header: true, escapeFormulas: false };
    this.options = optionsOf(dialect);
    this.quote = dialect.quote;
    this.#hasBinary = columns.some(({ column }) => column.base === 'bytea');
    this.#same =
      dialect === source && columns.length > 1 ? new CsvEncoder(outputs, dialect, { ...how, source }) : null;
    this.#other =
      columns.length === 1
        ? new SingleColumnEncoder(outputs[0]!, dialect)
        : new CsvEncoder(outputs, dialect, how);
  }

  /** What COPY is to read before the first record. */
  begin(into: OutputBuffer): void {
    into.reserve(1);
    into.bytes[into.length++] = LF;
  }

  /** Appends records, each of which ends with LF. Answers those that cannot be written, of which nothing was appended. */
  encode(records: Records, into: OutputBuffer): readonly EncodeRefusal[] {
    if (records.form === 'rows' && this.#hasBinary) return this.#other.encode(withHexadecimal(records), into);
    const alike =
      this.#same && records.form === 'text' && records.syntax === 'csv' && !hasStrayQuote(records);
    return (alike ? this.#same! : this.#other).encode(records, into);
  }
}

/** Bytes as bytea takes them. */
function withHexadecimal({ count, rows }: RowRecords): RowRecords {
  const text = (value: Value): Value =>
    value instanceof Uint8Array
      ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
      : value;
  return { form: 'rows', count, rows: rows.map(row => row.map(text)) };
}

function isUnderstood({ delimiter, quote, escape: escaping, nullText }: CsvDialect): boolean {
  if (delimiter.length > 1 || quote < 0 || escaping !== quote) return false;
  return !Buffer.from(nullText).includes(quote);
}

function optionsOf({ delimiter, quote, nullText }: CsvDialect): string {
  const parts = ['FORMAT csv', 'HEADER true', `DELIMITER ${quoteText(delimiter.toString())}`];
  parts.push(`QUOTE ${quoteText(String.fromCharCode(quote))}`, `NULL ${quoteText(nullText)}`);
  return parts.join(', ');
}

/** The server takes a quote inside an unquoted field for the beginning of a quoted part. */
function hasStrayQuote(records: TextRecords): boolean {
  const { bytes, count, quote, recordStarts, recordEnds, plain } = records;
  if (count === 0) return false;
  const first = bytes.indexOf(quote, recordStarts[0]);
  if (first < 0 || first >= recordEnds[count - 1]!) return false;
  return plain || hasQuoteInBare(records);
}

function hasQuoteInBare({ bytes, count, width, starts, ends, quote }: TextRecords): boolean {
  for (let cell = 0; cell < count * width; cell++) {
    const bounds = ends[cell]!;
    if (bounds >>> KIND_SHIFT !== CellKind.bare) continue;
    const end = bounds & END_MASK;
    for (let i = starts[cell]!; i < end; i++) if (bytes[i] === quote) return true;
  }
  return false;
}
