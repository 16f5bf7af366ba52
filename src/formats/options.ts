import { checkNames, choice, flag, option, quantity } from '../core/options.js';
import { parseSize } from '../core/units.js';
import { parseList } from './list.js';
import { checkTypes, parseTypes, type TypeChoice } from './type-choice.js';

/** What happens to each record on its way. */
export const recordOptions = {
  select: option<readonly string[]>({
    group: 'records',
    value: 'a,b',
    summary: 'only these columns, in this order',
    fixed: true,
    repeatable: true,
    parse: parseList,
    check: checkNames,
  }),
  rename: option<Renames>({
    group: 'records',
    value: 'a=b',
    summary: 'call column a b in the target',
    fixed: true,
    repeatable: true,
    parse: parseRenames,
    check: checkRenames,
  }),
  transform: option({
    group: 'records',
    value: 'FILE',
    summary: 'a module whose default export changes each record',
    fixed: true,
    parse: parsePath,
  }),
  types: option<TypeChoice>({
    group: 'records',
    value: 'TYPES',
    summary: 'infer, text, or col:type,… for some and the others inferred',
    fallback: 'infer',
    fixed: true,
    parse: parseTypes,
    check: checkTypes,
  }),
  null: option({
    group: 'records',
    about: 'CSV',
    value: 'TEXT',
    summary: 'an unquoted field that means no value',
    fallback: 'the empty unquoted field',
    fixed: true,
    parse: text => text,
  }),
} as const;

/** How the bytes of files are read. */
export const fileSourceOptions = {
  format: choice({
    group: 'CSV',
    about: 'files as source',
    value: 'FORMAT',
    summary: 'format of the source',
    fallback: 'by its name',
    choices: ['csv', 'tsv', 'ndjson'],
    fixed: true,
  }),
  columns: option<readonly string[]>({
    group: 'CSV',
    about: 'files as source',
    value: 'a,b,c',
    summary: 'names of the columns',
    fallback: 'the first line',
    fixed: true,
    parse: parseList,
    check: checkNames,
  }),
  encoding: choice({
    group: 'CSV',
    about: 'files as source',
    value: 'NAME',
    summary: 'encoding of the source',
    fallback: 'utf-8',
    choices: ['utf-8', 'latin1', 'windows-1252', 'utf-16'],
    fixed: true,
  }),
  maxRecordBytes: quantity({
    group: 'CSV',
    about: 'files as source',
    value: 'SIZE',
    summary: 'a longer record is a reject',
    fallback: '16MiB',
    fixed: true,
    parse: parseRecordSize,
  }),
  wholeLines: flag({
    group: 'CSV',
    about: 'files as source',
    summary: 'leave a last line without newline for the next run',
  }),
} as const;

/** How records are written as bytes. */
export const writingOptions = {
  toFormat: choice({
    group: 'CSV',
    about: 'files as target',
    value: 'FORMAT',
    summary: 'format of the target',
    fallback: 'by its name',
    choices: ['csv', 'tsv', 'ndjson'],
    fixed: true,
  }),
  escapeFormulas: flag({
    group: 'CSV',
    about: 'CSV as target',
    summary: 'write fields that a spreadsheet would run as text',
    fixed: true,
  }),
} as const;

/** How CSV is written, on whichever side it is. */
export const dialectOptions = {
  delimiter: option({
    group: 'CSV',
    value: 'C',
    summary: 'what stands between fields; \\t is a tab',
    fallback: 'a comma, a tab for tsv',
    fixed: true,
    parse: parseDelimiter,
  }),
  quote: option({
    group: 'CSV',
    value: 'C',
    summary: 'what fields are quoted with; none: they never are',
    fallback: '"',
    fixed: true,
    parse: parseQuote,
  }),
  escape: option({
    group: 'CSV',
    value: 'C',
    summary: 'what stands before a quote inside quotes',
    fallback: 'the quote itself',
    fixed: true,
    parse: parseCharacter,
  }),
  header: flag({
    group: 'CSV',
    negative: true,
    summary: 'the first line is a record, not the names of the columns',
    fixed: true,
  }),
} as const;

/** How the bytes of a file are to be read and written. */
export const formatOptions = { ...fileSourceOptions, ...writingOptions, ...dialectOptions } as const;

/** What tells the rows of a table apart, on whichever side it is. */
export const keyOptions = {
  key: option<readonly string[]>({
    group: 'tables as target',
    about: 'tables',
    value: 'COL[,COL]',
    summary: 'columns that tell rows apart',
    fixed: true,
    parse: parseList,
    check: checkNames,
  }),
} as const;

/** New names by old names. Look a name up with `Object.hasOwn`: it may be any text. */
export type Renames = { readonly [from: string]: string };

/** What the formats' options are when they are not given: sizes in bytes. */
export const formatDefaults = {
  types: { others: 'infer', declared: {} } as TypeChoice,
  encoding: 'utf-8',
  maxRecordBytes: 16 * 1024 * 1024,
} as const;

/** Largest `--max-record-bytes`: a batch is addressed with 29 bits. */
const LARGEST_RECORD = 256 * 1024 * 1024;

async function parseRenames(text: string): Promise<Renames> {
  const pairs = (await parseList(text)).map(pair => {
    const at = pair.indexOf('=');
    if (at < 1 || at === pair.length - 1) throw new TypeError('old=new names, such as id=order_id');
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return Object.fromEntries(pairs);
}

function checkRenames(value: unknown): void {
  const names = Object.values(Object(value));
  if (typeof value !== 'object' || names.length === 0) throw new TypeError('new names by old names');
  checkNames(names);
}

function parsePath(text: string): string {
  if (text === '') throw new TypeError('a path');
  return text;
}

function parseDelimiter(text: string): string {
  if (text === '\\t' || text === 'tab') return '\t';
  if ([...text].length !== 1 || /[\n\r\0\p{Surrogate}]/u.test(text))
    throw new TypeError('one character that ends no line');
  return text;
}

/** The empty text stands for no quote at all. */
function parseQuote(text: string): string {
  return text === '' || text === 'none' ? '' : parseCharacter(text);
}

function parseCharacter(text: string): string {
  if (text.length !== 1 || text > '\x7f' || text === '\n' || text === '\r' || text === '\0') {
    throw new TypeError('one ASCII character that ends no line');
  }
  return text;
}

function parseRecordSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes < 1 || bytes > LARGEST_RECORD) throw new TypeError('a size from 1B to 256MiB');
  return bytes;
}
