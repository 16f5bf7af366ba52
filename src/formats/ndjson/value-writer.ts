import type { OutputBuffer } from '../encoder.js';
import { jsonText } from './json-text.js';
import type { KeyPrefix } from './key-prefixes.js';
import { writeBoolean, writeNull, writeObjectEnd } from './pieces.js';
import { PREFIX_SLACK, viewOf, writePrefix } from './prefix.js';
import { isSpecial, OPEN_OBJECT, QUOTE } from './syntax.js';

/** Characters of strings that are written one by one; longer ones are faster in one piece. */
const SHORT = 64;
/** Room for a short string, a small integer or a word, and the end of the line. */
const ROOM = SHORT + 16;
const numberLiteral = /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/;

/** Writes objects key by key, value by value. A line that cannot be finished is taken back. */
export class ValueWriter {
  #into: OutputBuffer | undefined;
  #out: Buffer = Buffer.alloc(0);
  #target: DataView = viewOf(this.#out);
  #at = 0;
  #prefix: KeyPrefix | undefined;
  #fault = '';

  begin(into: OutputBuffer): void {
    this.#into = into;
    this.#at = into.length;
    this.#refresh();
  }

  /** Keeps what was written since the line began. */
  keep(): void {
    this.#into!.length = this.#at;
  }

  /** Forgets what was written since the line began, and answers why. */
  takeBack(): string {
    this.#at = this.#into!.length;
    return this.#fault;
  }

  key(prefix: KeyPrefix, first: boolean): void {
    this.#reserve(prefix.length + PREFIX_SLACK + ROOM);
    const start = this.#at;
    this.#at = writePrefix(prefix, this.#target, start);
    if (first) this.#out[start] = OPEN_OBJECT;
    this.#prefix = prefix;
  }

  end(empty: boolean): void {
    this.#reserve(ROOM);
    this.#at = writeObjectEnd(this.#out, this.#at, empty);
  }

  /** Writes the value of the last key; false if JSON has none for it. */
  value(value: unknown): boolean {
    if (typeof value === 'string') this.#string(value);
    else if (typeof value === 'number' && (value | 0) === value && (value !== 0 || 1 / value > 0)) {
      this.#at = writeSmallInteger(value, this.#out, this.#at);
    } else if (value === null || value === undefined) this.#at = writeNull(this.#target, this.#at);
    else if (typeof value === 'boolean') this.#at = writeBoolean(value, this.#target, this.#at);
    else return this.#other(value);
    return true;
  }

  #string(value: string): void {
    if (this.#prefix!.decimal && numberLiteral.test(value)) this.#raw(value);
    else if (value.length > SHORT || !this.#shortString(value)) this.#raw(JSON.stringify(value));
  }

  /** Writes a string of plain ASCII; false if it is not. */
  #shortString(value: string): boolean {
    const out = this.#out;
    const start = this.#at;
    out[start] = QUOTE;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f || isSpecial(unit)) return false;
      out[start + 1 + i] = unit;
    }
    out[start + 1 + value.length] = QUOTE;
    this.#at = start + value.length + 2;
    return true;
  }

  #other(value: unknown): boolean {
    try {
      this.#raw(jsonText(value));
      return true;
    } catch (error) {
      this.#fault = `key ${JSON.stringify(this.#prefix!.key)}: ${error instanceof Error ? error.message : String(error)}`;
      return false;
    }
  }

  #raw(json: string): void {
    this.#reserve(json.length * 3 + ROOM);
    this.#at += this.#out.write(json, this.#at);
  }

  #reserve(more: number): void {
    if (this.#out.length - this.#at >= more) return;
    const into = this.#into!;
    const start = into.length;
    into.length = this.#at;
    into.reserve(more);
    into.length = start;
    this.#refresh();
  }

  #refresh(): void {
    this.#out = this.#into!.bytes;
    this.#target = viewOf(this.#out);
  }
}

/** Writes an integer of 32 bits and answers the offset behind it. */
function writeSmallInteger(value: number, out: Buffer, at: number): number {
  let rest = value;
  let o = at;
  if (rest < 0) {
    out[o++] = 0x2d;
    rest = -rest;
  }
  let end = o + 1;
  for (let power = 10; power <= rest; power *= 10) end++;
  for (let i = end - 1; i >= o; i--) {
    const tenth = (rest / 10) >>> 0;
    out[i] = 0x30 + rest - tenth * 10;
    rest = tenth;
  }
  return end;
}
