import { type ColumnType, columnTypes } from '../core/columns.js';
import { CellKind } from '../core/records.js';
import { bytesOfText } from './binary.js';
import { isDate, isInstant, isTimestamp } from './dates.js';
import { isInteger, isNumber, isReal, NumberForm, numberForms } from './numbers.js';

/** True if the text `bytes[start, end)` is a value of the type, as `ColumnType` defines it. */
export function fits(type: ColumnType, bytes: Buffer, start: number, end: number): boolean {
  switch (type) {
    case 'integer':
      return isInteger(bytes, start, end);
    case 'real':
      return isReal(bytes, start, end);
    case 'decimal':
      return isNumber(bytes, start, end);
    case 'boolean':
      return isBoolean(bytes, start, end);
    case 'date':
      return isDate(bytes, start, end);
    case 'timestamp':
      return isTimestamp(bytes, start, end);
    case 'timestamptz':
      return isInstant(bytes, start, end);
    case 'json':
      return isNested(bytes, start, end);
    case 'binary':
      return bytesOfText(bytes.toString('latin1', start, end), 'csv') !== null;
    case 'text':
      return true;
    default:
      return type satisfies never;
  }
}

const stringTypes: ReadonlySet<ColumnType> = new Set(['text', 'date', 'timestamp', 'timestamptz', 'binary']);

/** True for the types whose values JSON has as strings. */
export function isStringType(type: ColumnType): boolean {
  return stringTypes.has(type);
}

/** Bit `i` stands for `columnTypes[i]`; text is always possible, and binary never inferred. */
const bit = Object.fromEntries(columnTypes.map((type, i) => [type, 1 << i])) as Record<ColumnType, number>;
const ANY = ((1 << columnTypes.length) - 1) & ~bit.binary;

/** Finds the narrowest type that all values of a column fit. A column without values is text. */
export class TypeInference {
  readonly #possible: Uint16Array;
  readonly #seen: Uint8Array;

  constructor(columns: number) {
    this.#possible = new Uint16Array(columns).fill(ANY);
    this.#seen = new Uint8Array(columns);
  }

  /** A value that is text with no type of its own: a cell of CSV. */
  add(column: number, bytes: Buffer, start: number, end: number): void {
    // Nothing else is left.
    if (this.#possible[column] === bit.text) return;
    this.#narrow(column, plainTypes(bytes, start, end));
  }

  /** A value of JSON: a string is never a number or a boolean, whatever it looks like. */
  addJson(column: number, kind: number, bytes: Buffer, start: number, end: number): void {
    if (kind === CellKind.null) return;
    this.#narrow(column, jsonTypes(kind, bytes, start, end));
  }

  /** A value that only text can hold: one with escapes. */
  addText(column: number): void {
    this.#narrow(column, bit.text);
  }

  /** No value: says nothing about the type. */
  null(_column: number): void {}

  /** The type of each column so far. */
  types(): ColumnType[] {
    return Array.from(this.#possible, (possible, column) => {
      if (this.#seen[column] === 0) return 'text';
      return columnTypes.find(type => (possible & bit[type]) !== 0) ?? 'text';
    });
  }

  #narrow(column: number, types: number): void {
    this.#seen[column] = 1;
    this.#possible[column]! &= types | bit.text;
  }
}

function plainTypes(bytes: Buffer, start: number, end: number): number {
  const forms = numberForms(bytes, start, end);
  if (forms !== 0) return typesOfNumber(forms);
  return isBoolean(bytes, start, end) ? bit.boolean : typesOfString(bytes, start, end);
}

function jsonTypes(kind: number, bytes: Buffer, start: number, end: number): number {
  switch (kind) {
    case CellKind.number:
      return typesOfNumber(numberForms(bytes, start, end));
    case CellKind.literal:
      return bit.boolean;
    case CellKind.nested:
      return bit.json;
    case CellKind.quoted:
      return typesOfString(bytes, start, end);
    default:
      return bit.text;
  }
}

function typesOfNumber(forms: number): number {
  return (
    ((forms & NumberForm.integer) !== 0 ? bit.integer : 0) |
    ((forms & NumberForm.real) !== 0 ? bit.real : 0) |
    ((forms & NumberForm.decimal) !== 0 ? bit.decimal : 0)
  );
}

function typesOfString(bytes: Buffer, start: number, end: number): number {
  if (isDate(bytes, start, end)) return bit.date;
  if (isTimestamp(bytes, start, end)) return bit.timestamp;
  return isInstant(bytes, start, end) ? bit.timestamptz : bit.text;
}

function isBoolean(bytes: Buffer, start: number, end: number): boolean {
  const length = end - start;
  if (length !== 4 && length !== 5) return false;
  const word = bytes.toString('latin1', start, end);
  return word === 'true' || word === 'false';
}

function isNested(bytes: Buffer, start: number, end: number): boolean {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', start, end));
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}
