import type { ColumnType } from '../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords, type Value } from '../core/records.js';
import { numberOf, parseLossless } from './lossless.js';
import { isInteger, isReal, shortInteger, shortNumber } from './numbers.js';
import { ShortStrings } from './short-strings.js';

const strings = new ShortStrings();

/** The decoded text of a cell (a nested one: its JSON); null for a cell without value. */
export function cellText(records: TextRecords, cell: number): string | null {
  const bounds = records.ends[cell]!;
  const kind = bounds >>> KIND_SHIFT;
  if (kind === CellKind.null) return null;
  const start = records.starts[cell]!;
  const end = bounds & END_MASK;
  return kind === CellKind.escaped ? unescaped(records, start, end) : strings.get(records.bytes, start, end);
}

/**
 * A cell as the value that a transform or a driver gets: integers as numbers or, beyond 2^53, as `bigint`; decimals, dates and text as strings;
 * nested JSON parsed. A cell of CSV that does not fit `type` is its text; in JSON the literal decides, not the type.
 */
export function cellValue(records: TextRecords, cell: number, type: ColumnType): Value {
  const bounds = records.ends[cell]!;
  const kind = bounds >>> KIND_SHIFT;
  if (kind === CellKind.null) return null;
  const start = records.starts[cell]!;
  const end = bounds & END_MASK;
  if (kind === CellKind.escaped) return escapedValue(records, start, end, type);
  return records.syntax === 'csv'
    ? typedValue(records.bytes, start, end, type)
    : jsonValue(records.bytes, start, end, kind);
}

function unescaped(records: TextRecords, start: number, end: number): string {
  const { bytes } = records;
  if (records.syntax === 'json') return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
  return unescapeCsv(bytes.toString('utf8', start, end), records.quote, records.escape);
}

/** In CSV the escape byte takes the meaning from a quote or from another escape byte behind it; elsewhere it is text. */
function unescapeCsv(text: string, quoteByte: number, escapeByte: number): string {
  const escaping = String.fromCharCode(escapeByte);
  const quote = String.fromCharCode(quoteByte);
  let result = '';
  let from = 0;
  let at = text.indexOf(escaping);
  while (at >= 0) {
    const next = text[at + 1];
    if (next === quote || next === escaping) {
      result += text.slice(from, at) + next;
      from = at + 2;
      at = text.indexOf(escaping, from);
    } else {
      at = text.indexOf(escaping, at + 1);
    }
  }
  return result + text.slice(from);
}

function escapedValue(records: TextRecords, start: number, end: number, type: ColumnType): Value {
  const text = unescaped(records, start, end);
  return type === 'json' && records.syntax === 'csv' ? parsedOrText(text) : text;
}

function typedValue(bytes: Buffer, start: number, end: number, type: ColumnType): Value {
  switch (type) {
    case 'integer':
      return integerValue(bytes, start, end);
    case 'real':
      return isReal(bytes, start, end) ? numberValue(bytes, start, end) : strings.get(bytes, start, end);
    case 'boolean':
      return booleanValue(strings.get(bytes, start, end));
    case 'json':
      return parsedOrText(bytes.toString('utf8', start, end));
    case 'decimal':
    case 'date':
    case 'timestamp':
    case 'timestamptz':
    case 'binary':
    case 'text':
      return strings.get(bytes, start, end);
    default:
      return type satisfies never;
  }
}

function integerValue(bytes: Buffer, start: number, end: number): number | bigint | string {
  const short = shortInteger(bytes, start, end);
  if (!Number.isNaN(short)) return short;
  return isInteger(bytes, start, end) ? numberValue(bytes, start, end) : strings.get(bytes, start, end);
}

function booleanValue(text: string): boolean | string {
  if (text === 'true') return true;
  return text === 'false' ? false : text;
}

/** Objects and arrays parsed; any other text as it is. */
function parsedOrText(text: string): Value {
  try {
    const value = parseLossless(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}

/** The value of a number literal. */
function numberValue(bytes: Buffer, start: number, end: number): number | bigint | string {
  const number = shortNumber(bytes, start, end);
  return Number.isNaN(number) ? numberOf(bytes.toString('latin1', start, end)) : number;
}

function jsonValue(bytes: Buffer, start: number, end: number, kind: number): Value {
  switch (kind) {
    case CellKind.number:
      return numberValue(bytes, start, end);
    case CellKind.literal:
      return bytes[start] === 0x74;
    case CellKind.nested:
      return parseLossless(bytes.toString('utf8', start, end)) as object;
    default:
      return strings.get(bytes, start, end);
  }
}
