import type { ColumnType } from '../../core/columns.js';
import type { Field } from '../../mysql/driver.js';
import { quoteIdentifier, quoteText } from '../../mysql/quote.js';

/** How the values of a column are asked for, and put into a condition again. */
export interface FieldType {
  readonly type: ColumnType;
  /** The column in a SELECT, so that its text tells everything. */
  readonly expression: string;
  /** A text of the column as a literal that compares with it. Null if it cannot be part of a key. */
  readonly literal: ((text: string) => string) | null;
}

/** Numbers of the protocol. */
const Type = {
  tiny: 1,
  float: 4,
  timestamp: 7,
  longlong: 8,
  time: 11,
  year: 13,
  bit: 16,
  json: 245,
  decimal: 246,
} as const;
const integers = new Set([1, 2, 3, 8, 9]);
const blobs = new Set([249, 250, 251, 252, 253, 254, 255]);
const GEOMETRY = 255;
/** As tables are made: `DECIMAL(65, 30)`, `DATETIME(6)`. */
const MOST_DECIMALS = 30;
const MOST_SECOND_DIGITS = 6;
const UNSIGNED_FLAG = 32;
const ENUM_FLAG = 256;
const SET_FLAG = 2048;

/** What a field of an answer holds. `json` are the names of columns that hold JSON as text. */
export function fieldType(field: Field, json: ReadonlySet<string>): FieldType {
  const name = quoteIdentifier(field.name);
  const plain = { expression: name, literal: quoteText };
  if (field.type === Type.tiny && field.length === 1) return booleanType(name);
  if (integers.has(field.type)) return { type: integerType(field), expression: name, literal: asNumber };
  switch (field.type) {
    case 0:
    case Type.decimal:
      return { type: 'decimal', expression: decimalText(field, name), literal: asNumber };
    case Type.year:
      return { type: 'integer', expression: name, literal: asNumber };
    case Type.bit:
      return {
        type: field.length > 63 ? 'decimal' : 'integer',
        expression: `${name} + 0`,
        literal: asNumber,
      };
    case Type.float:
      // As text a FLOAT has six digits; as a DOUBLE it has them all.
      return { type: 'real', expression: `${name} * 1E0`, literal: null };
    case 5:
      return { type: 'real', expression: name, literal: null };
    case 10:
    case 14:
      return { type: 'date', ...plain };
    case 12:
    case 17:
    case 18:
      return { type: 'timestamp', ...plain, expression: timeText(field, name) };
    case Type.timestamp:
      return {
        type: 'timestamptz',
        expression: `CONCAT(${timeText(field, name)}, '+00')`,
        literal: text => quoteText(text.replace(/\+00$/, '')),
      };
    case Type.time:
      return { type: 'text', ...plain };
    case Type.json:
      return { type: 'json', expression: name, literal: null };
    default:
      return textType(field, json, name);
  }
}

/** A time of a column as tranche makes it, without the zeros behind its last digit: nobody asked for them. In others they say how exact a time is. */
function timeText({ decimals }: Field, name: string): string {
  return decimals === MOST_SECOND_DIGITS ? withoutZeros(name) : name;
}

/** The same for numbers. */
function decimalText({ decimals }: Field, name: string): string {
  return decimals === MOST_DECIMALS ? withoutZeros(name) : name;
}

/** For texts that have a point. */
function withoutZeros(name: string): string {
  return `TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM ${name}))`;
}

function textType(field: Field, json: ReadonlySet<string>, name: string): FieldType {
  if (json.has(field.name)) return { type: 'json', expression: name, literal: null };
  const isMember = (field.flags & (ENUM_FLAG | SET_FLAG)) !== 0;
  // They are ordered by their numbers and compared by their names.
  if (isMember) return { type: 'text', expression: name, literal: null };
  if (field.type === GEOMETRY || (field.isBinary && blobs.has(field.type))) {
    return {
      type: 'binary',
      expression: `LOWER(HEX(${name}))`,
      literal: field.type === GEOMETRY ? null : text => `X'${text}'`,
    };
  }
  return { type: 'text', expression: name, literal: quoteText };
}

/** BOOLEAN is TINYINT(1); other numbers than 1 and 0 stay what they are. */
function booleanType(name: string): FieldType {
  return {
    type: 'boolean',
    expression: `CASE ${name} WHEN 1 THEN 'true' WHEN 0 THEN 'false' ELSE ${name} END`,
    literal: text => asNumber(text.replace('true', '1').replace('false', '0')),
  };
}

function integerType({ type, flags }: Field): ColumnType {
  return type === Type.longlong && (flags & UNSIGNED_FLAG) !== 0 ? 'decimal' : 'integer';
}

/** Digits alone: nothing else comes from such a column, or from a checkpoint that nobody changed. */
function asNumber(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? text : quoteText(text);
}
