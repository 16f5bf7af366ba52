import type { OptionTable, OptionValues } from '../core/options.js';
import { type CsvDialect, csvDialect } from './csv/dialect.js';
import {
  dialectOptions,
  fileSourceOptions,
  type formatOptions,
  recordOptions,
  writingOptions,
} from './options.js';

/** How records are written in a file. */
export type FileFormat = 'csv' | 'tsv' | 'ndjson';

/** A format with everything that has to be known to read or write it. */
export type Formatting =
  | { readonly kind: 'csv'; readonly dialect: CsvDialect; readonly header: boolean }
  | { readonly kind: 'ndjson' };

/** The options that say how a file is written. */
export type FormattingOptions = OptionValues<typeof formatOptions & typeof recordOptions>;

/** Formats by the ending of a file's name, `.gz` left out. */
const endings: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
};

/** The format that a name tells, and whether the file is compressed. */
export function formatOf(path: string): { format: FileFormat | null; gzip: boolean } {
  const lower = path.toLowerCase();
  const gzip = lower.endsWith('.gz');
  const ending = (gzip ? lower.slice(0, -3) : lower).split('.').at(-1) ?? '';
  return { format: Object.hasOwn(endings, ending) ? endings[ending]! : null, gzip };
}

/** The source's formatting: the dialect options are about it if it is CSV or TSV. */
export function sourceFormatting(format: FileFormat, options: FormattingOptions): Formatting {
  return formattingOf(format, options);
}

/**
 * The target's formatting: the dialect options are about it if the source has the same format, or no dialect of its own. Otherwise it is written in
 * the usual dialect of its format; the text that means null is the same on both sides.
 */
export function targetFormatting(
  format: FileFormat,
  source: FileFormat | null,
  options: FormattingOptions,
): Formatting {
  const shared = source === format || source === null || source === 'ndjson';
  return formattingOf(format, shared ? options : { null: options.null });
}

/** The options that mean something to whoever reads files of a format; all of them where the format is not known. */
export function readingOptions(format: FileFormat | null): OptionTable {
  return { ...fileSourceOptions, ...dialectOptionsOf(format) };
}

/** The options that mean something to whoever writes a format; all of them where it is not known. */
export function writtenOptions(format: FileFormat | null): OptionTable {
  const { toFormat, ...csv } = writingOptions;
  return { toFormat, ...(format === 'ndjson' ? {} : csv), ...dialectOptionsOf(format) };
}

function dialectOptionsOf(format: FileFormat | null): OptionTable {
  return format === 'ndjson' ? {} : { ...dialectOptions, null: recordOptions.null };
}

function formattingOf(format: FileFormat, options: FormattingOptions): Formatting {
  if (format === 'ndjson') return { kind: 'ndjson' };
  const { delimiter, quote, null: nullText } = options;
  return {
    kind: 'csv',
    dialect: csvDialect(format, { delimiter, quote, escape: options.escape, nullText }),
    header: options.header !== false,
  };
}
