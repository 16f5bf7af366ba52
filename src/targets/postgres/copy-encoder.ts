import { CellKind, END_MASK, KIND_SHIFT, type Records, type TextRecords } from '../../core/records.js';
import { type CsvDialect, defaultDialect } from '../../formats/csv/dialect.js';
import { CsvEncoder } from '../../formats/csv/writer.js';
import type { EncodeRefusal } from '../../formats/encoder.js';
import { quoteText } from '../../postgres/sql.js';
import { GrowingBuffer } from '../growing-buffer.js';
import { areBytea, asRows, withHexadecimal } from './binary-rows.js';
import { recordAtLine } from './line-of-copy.js';
import type { BoundColumn } from './prepare-table.js';
import { SingleColumnEncoder } from './single-column-encoder.js';

const LF = 0x0a;
const CR = 0x0d;
const BACKSLASH = 0x5c;

/** Records that were encoded last, until others are. */
export interface EncodedRecords {
  /** What stands in the parentheses of `COPY … WITH (…)`. */
  readonly options: string;
  readonly content: Buffer;
  /** The content to send behind that of others with the same options. */
  readonly continuation: Buffer;
}

/**
 * Writes records as COPY reads them: CSV behind one empty line that stands for a header and tells the server that lines end with LF. Records of CSV whose dialect the server understands are
 * copied as they stand, unless a quote stands where only the server would take it for one. Where there is nothing that CSV and the server's text format read differently it is told to read the
 * latter, which it does faster.
 */
export class CopyEncoder implements EncodedRecords {
  readonly #dialect: CsvDialect;
  readonly #same: CsvEncoder | null;
  readonly #other: CsvEncoder | SingleColumnEncoder;
  readonly #hasBinary: boolean;
  /** The source's columns that tell bytes in their own way, and go where bytes are kept. */
  readonly #binary: readonly number[];
  readonly #csvOptions: string;
  /** Null where the text format cannot have this delimiter. */
  readonly #textOptions: string | null;
  readonly #buffer = new GrowingBuffer();
  #isText = false;

  constructor(columns: readonly BoundColumn[], source: CsvDialect | null) {
    const outputs = columns.map(({ source: output }) => ({ ...output, declared: false }));
    const dialect = source && isUnderstood(source) ? source : defaultDialect('csv');
    const how = { header: true, escapeFormulas: false };
    this.#dialect = dialect;
    this.#csvOptions = csvOptions(dialect);
    this.#textOptions = columns.length > 1 ? textOptions(dialect) : null;
    const binary = columns.filter(({ column }) => column.base === 'bytea');
    this.#hasBinary = binary.length > 0;
    this.#binary = binary.filter(({ source }) => source.type === 'binary').map(({ source }) => source.from);
    this.#same =
      dialect === source && columns.length > 1 ? new CsvEncoder(outputs, dialect, { ...how, source }) : null;
    this.#other =
      columns.length === 1
        ? new SingleColumnEncoder(outputs[0]!, dialect)
        : new CsvEncoder(outputs, dialect, how);
  }

  get options(): string {
    return this.#isText ? this.#textOptions! : this.#csvOptions;
  }

  get content(): Buffer {
    return this.#isText ? this.continuation : this.#buffer.content;
  }

  get continuation(): Buffer {
    return this.#buffer.content.subarray(1);
  }

  /** Index of the record at a line that COPY names, among those that were encoded last. */
  recordAt(line: number): number {
    return this.#isText ? line - 1 : recordAtLine(this.#buffer.content, line, this.#dialect.quote);
  }

  /** Encodes records in place of those before, each ending with LF. Answers those that cannot be written, of which there is nothing in the content. */
  encode(records: Records): readonly EncodeRefusal[] {
    this.#buffer.length = 0;
    this.#buffer.bytes[this.#buffer.length++] = LF;
    const refusals = this.#encode(records);
    this.#isText = this.#textOptions !== null && isPlain(this.#buffer.content, this.#dialect.quote);
    return refusals;
  }

  #encode(records: Records): readonly EncodeRefusal[] {
    if (records.form === 'rows' && this.#hasBinary)
      return this.#other.encode(withHexadecimal(records), this.#buffer);
    if (records.form === 'text' && !areBytea(records, this.#binary))
      return this.#other.encode(withHexadecimal(asRows(records, this.#binary)), this.#buffer);
    const alike =
      this.#same && records.form === 'text' && records.syntax === 'csv' && !hasStrayQuote(records);
    return (alike ? this.#same! : this.#other).encode(records, this.#buffer);
  }
}

/** Neither in quotes nor with a character that means something in the server's text format alone. */
function isPlain(bytes: Buffer, quote: number): boolean {
  return !bytes.includes(quote) && !bytes.includes(BACKSLASH) && !bytes.includes(CR);
}

function isUnderstood({ delimiter, quote, escape: escaping, nullText }: CsvDialect): boolean {
  if (delimiter.length > 1 || quote < 0 || escaping !== quote) return false;
  return !Buffer.from(nullText).includes(quote);
}

function csvOptions({ delimiter, quote, nullText }: CsvDialect): string {
  const parts = ['FORMAT csv', 'HEADER true', `DELIMITER ${quoteText(delimiter.toString())}`];
  parts.push(`QUOTE ${quoteText(String.fromCharCode(quote))}`, `NULL ${quoteText(nullText)}`);
  return parts.join(', ');
}

function textOptions({ delimiter, nullText }: CsvDialect): string | null {
  const separator = delimiter.toString();
  if (/[a-z0-9.\\]/.test(separator) || nullText.includes('\\')) return null;
  return `FORMAT text, DELIMITER ${quoteText(separator)}, NULL ${quoteText(nullText)}`;
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
