import { TrancheError } from '../../core/errors.js';

/** How a CSV file is written. Line endings are no part of it: LF, CRLF and CR are all read, LF is written. */
export interface CsvDialect {
  /** One character, UTF-8: usually one byte. */
  readonly delimiter: Buffer;
  /** Byte that a quoted field begins and ends with; -1: there is no quoting. */
  readonly quote: number;
  /**
   * Byte that makes a quote inside quotes part of the text. Equal to `quote` by default: quotes are doubled. Any other byte takes
   * whatever follows it as text, itself included.
   */
  readonly escape: number;
  /** An unquoted field with exactly this text is null. Empty by default; otherwise an empty field is the empty string. */
  readonly nullText: string;
}

/** The parts of a dialect as a person writes them. An empty `quote` means no quoting, `\t` a tab. */
export interface DialectOptions {
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly escape?: string | undefined;
  readonly nullText?: string | undefined;
}

/** The usual dialect of a format: commas or tabs, double quotes, doubled inside quotes. */
export function defaultDialect(format: 'csv' | 'tsv'): CsvDialect {
  return csvDialect(format);
}

/** The usual dialect with some parts changed. Throws `usage` for a dialect that could not be read back. */
export function csvDialect(format: 'csv' | 'tsv', options: DialectOptions = {}): CsvDialect {
  const delimiter = character('delimiter', options.delimiter ?? (format === 'tsv' ? '\t' : ','));
  const quote = options.quote === '' ? -1 : singleByte('quote', options.quote ?? '"');
  const escaping = options.escape === undefined ? quote : singleByte('escape', options.escape);
  const dialect: CsvDialect = Object.freeze({
    delimiter,
    quote,
    escape: escaping,
    nullText: options.nullText ?? '',
  });
  check(dialect);
  return dialect;
}

/** True if the bytes of a field mean the same in both. */
export function sameDialect(one: CsvDialect, other: CsvDialect): boolean {
  return (
    one.delimiter.equals(other.delimiter) &&
    one.quote === other.quote &&
    one.escape === other.escape &&
    one.nullText === other.nullText
  );
}

function character(option: string, text: string): Buffer {
  const plain = text === '\\t' ? '\t' : text;
  if ([...plain].length !== 1 || /\p{Surrogate}/u.test(plain)) {
    throw wrong(option, 'one character', text);
  }
  return Buffer.from(plain);
}

function singleByte(option: string, text: string): number {
  const bytes = character(option, text);
  if (bytes.length !== 1) throw wrong(option, 'one ASCII character', text);
  return bytes[0]!;
}

function check({ delimiter, quote, escape: escaping, nullText }: CsvDialect): void {
  const first = delimiter[0]!;
  if (isLineEnding(first)) throw wrong('delimiter', 'a character that does not end a line');
  if (isLineEnding(quote)) throw wrong('quote', 'a character that does not end a line');
  if (isLineEnding(escaping)) throw wrong('escape', 'a character that does not end a line');
  if (first === quote) throw same('quote', delimiter);
  if (first === escaping) throw same('escape', delimiter);
  if (quote === -1 && escaping !== -1) throw wrong('escape', 'a quote to go with it');
  if (/[\r\n]/.test(nullText) || nullText.includes(delimiter.toString())) {
    throw wrong('null', 'a text without delimiter and line ending', nullText);
  }
  if (quote !== -1 && Buffer.from(nullText)[0] === quote) {
    throw wrong('null', 'a text that does not begin with the quote', nullText);
  }
}

function isLineEnding(byte: number): boolean {
  return byte === 0x0a || byte === 0x0d;
}

function same(option: string, delimiter: Buffer): TrancheError {
  return new TrancheError(
    'usage',
    `--delimiter and --${option} have to be different characters, and both are ${JSON.stringify(delimiter.toString())}`,
  );
}

function wrong(option: string, takes: string, got?: string): TrancheError {
  const but = got === undefined ? '' : `, not ${JSON.stringify(got)}`;
  return new TrancheError('usage', `--${option} takes ${takes}${but}`);
}
