import type { RecordObject, Records, TextRecords } from '../../core/records.js';
import { NoText, valueText } from '../../formats/csv/value-text.js';
import { GrowingBuffer } from '../growing-buffer.js';
import type { EncodedRecords } from './copy-encoder.js';
import type { BoundColumn } from './prepare-table.js';
import { ruleOf, type ValueRule } from './value-rules.js';

const TAB = 0x09;
const LF = 0x0a;
const BACKSLASH = 0x5c;
const ZERO = 0x30;
const MINUS = 0x2d;
const CAPITAL_N = 0x4e;
/** Integers below it fit every column of integers but the smallest. */
const SMALL = 1e9;
/** Bytes that a value without text of its own takes at most, with what stands behind it. */
const ROOM = 16;

interface Line {
  readonly name: string;
  readonly from: number;
  readonly notNull: boolean;
  /** Null: a text, and every one is taken. */
  readonly rule: ValueRule | null;
  readonly isWide: boolean;
}

/** Writes records that are values in the server's text format, as long as the server is sure to take them. */
export class ValueLines implements EncodedRecords {
  readonly options = 'FORMAT text';
  readonly #columns: readonly Line[];
  readonly #buffer = new GrowingBuffer();
  readonly #hasDeclared: boolean;

  constructor(columns: readonly BoundColumn[]) {
    this.#hasDeclared = columns.some(({ source }) => source.declared && source.type !== 'text');
    this.#columns = columns.map(({ column, source }) => ({
      name: source.name,
      from: source.from,
      notNull: column.notNull,
      rule: ruleOf(column),
      isWide: column.base === 'int4' || column.base === 'int8',
    }));
  }

  get content(): Buffer {
    return this.#buffer.content;
  }

  get continuation(): Buffer {
    return this.content;
  }

  /** Writes records in place of those before. False if the server might refuse or change one of them. */
  encode(records: Exclude<Records, TextRecords>): boolean {
    if (this.#hasDeclared) return false;
    this.#buffer.length = 0;
    for (let index = 0; index < records.count; index++) {
      const isSure =
        records.form === 'rows' ? this.#row(records.rows[index]!) : this.#object(records.objects[index]!);
      if (!isSure) return false;
    }
    return true;
  }

  #row(row: readonly unknown[]): boolean {
    for (const column of this.#columns) if (!this.#value(row[column.from], column)) return false;
    return this.#endLine();
  }

  /** A column that the object does not have is null; a key that no column has is for others to judge. */
  #object(object: RecordObject): boolean {
    const keys = Object.keys(object);
    let found = 0;
    for (let c = 0; c < this.#columns.length; c++) {
      const column = this.#columns[c]!;
      const has = keys[c] === column.name || Object.hasOwn(object, column.name);
      if (has) found++;
      if (!this.#value(has ? object[column.name] : null, column)) return false;
    }
    return found === keys.length && this.#endLine();
  }

  #endLine(): boolean {
    this.#buffer.bytes[this.#buffer.length - 1] = LF;
    return true;
  }

  #value(value: unknown, column: Line): boolean {
    const buffer = this.#buffer;
    buffer.reserve(ROOM);
    if (value === null || value === undefined) {
      buffer.bytes[buffer.length++] = BACKSLASH;
      buffer.bytes[buffer.length++] = CAPITAL_N;
      buffer.bytes[buffer.length++] = TAB;
      return !column.notNull;
    }
    if (column.isWide && isSmall(value)) {
      this.#integer(value);
    } else {
      const text = valueText(value);
      if (text === null || text instanceof NoText) return false;
      const start = buffer.length;
      const isPlain = this.#text(text);
      if (column.rule && !(isPlain && column.rule.sure(buffer.bytes, start, buffer.length))) return false;
      if (!isPlain && !this.#escaped(text, start)) return false;
    }
    buffer.bytes[buffer.length++] = TAB;
    return true;
  }

  #integer(value: number): void {
    const { bytes } = this.#buffer;
    let at = this.#buffer.length;
    if (value < 0) bytes[at++] = MINUS;
    let rest = Math.abs(value);
    let digits = 1;
    for (let power = 10; power <= rest; power *= 10) digits++;
    for (let i = at + digits - 1; i >= at; i--) {
      bytes[i] = ZERO + (rest % 10);
      rest = Math.trunc(rest / 10);
    }
    this.#buffer.length = at + digits;
  }

  /** Writes a text of plain ASCII; false if there is something else in it, and then it is not whole. */
  #text(text: string): boolean {
    const { length } = text;
    this.#buffer.reserve(length + ROOM);
    const { bytes } = this.#buffer;
    let at = this.#buffer.length;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code < 0x20 || code > 0x7e || code === BACKSLASH) return false;
      bytes[at++] = code;
    }
    this.#buffer.length = at;
    return true;
  }

  /** Writes any text at `start`. False if it is no text that the server has. */
  #escaped(text: string, start: number): boolean {
    if (/[\0\p{Surrogate}]/u.test(text)) return false;
    const safe = text.replace(/[\\\t\n\r]/g, character => escapes[character]!);
    this.#buffer.length = start;
    this.#buffer.reserve(Buffer.byteLength(safe) + ROOM);
    this.#buffer.length += this.#buffer.bytes.write(safe, start);
    return true;
  }
}

const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function isSmall(value: unknown): value is number {
  return (
    typeof value === 'number' &&
    Number.isInteger(value) &&
    value < SMALL &&
    value > -SMALL &&
    !Object.is(value, -0)
  );
}
