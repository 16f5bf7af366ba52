import type { ReasonCode } from '../../core/batch.js';
import { CellKind, KIND_SHIFT } from '../../core/records.js';
import type { CsvDialect } from './dialect.js';
import { isNullText } from './null-text.js';

const LF = 0x0a;
const CR = 0x0d;

/** What {@link RecordReader.read} answers when the record goes on behind `end`. */
export const INCOMPLETE = -1;

/**
 * Reads one record of any dialect and any width, and says what is wrong with it. The rules of CSV are here;
 * the kernel takes the same decisions for what is usual and leaves the rest to this one.
 *
 * Behind a closing quote only a delimiter or a line ending may stand. Where other text does, the record is malformed: that field is read on as if
 * it were unquoted, and the fields behind it by the usual rules, so that a quoted line ending there does not cut the record in two.
 */
export class RecordReader {
  /** Fields of the record last read. */
  fields = 0;
  /** Bounds of each field, and its kind: see `TextRecords.starts` and `ends`. */
  readonly starts: number[] = [];
  readonly ends: number[] = [];
  /** One past the last byte of the record, its line ending not included. */
  recordEnd = 0;
  /** Line endings inside quotes. */
  innerLines = 0;
  /** True if a field was in quotes. */
  quoted = false;
  /** Why it is malformed, null if it is not. */
  reason: ReasonCode | null = null;
  message = '';

  readonly #delimiter: Buffer;
  readonly #quote: number;
  readonly #escape: number;
  readonly #nullText: Buffer;

  constructor(dialect: CsvDialect) {
    this.#delimiter = dialect.delimiter;
    this.#quote = dialect.quote;
    this.#escape = dialect.escape;
    this.#nullText = Buffer.from(dialect.nullText);
  }

  /** Reads the record that begins at `from` and answers the offset behind its line ending, or {@link INCOMPLETE}. */
  read(bytes: Buffer, from: number, end: number, last: boolean): number {
    this.#clear();
    let at = from;
    for (;;) {
      at =
        at < end && bytes[at] === this.#quote
          ? this.#quotedField(bytes, at, end)
          : this.#bareField(bytes, at, end);
      if (at === end) return last ? this.#finish(end, end) : INCOMPLETE;
      if (bytes[at] === LF) return this.#finish(at, at + 1);
      if (bytes[at] === CR) {
        if (at + 1 === end) return last ? this.#finish(at, end) : INCOMPLETE;
        return this.#finish(at, bytes[at + 1] === LF ? at + 2 : at + 1);
      }
      at += this.#delimiter.length;
    }
  }

  #clear(): void {
    this.fields = 0;
    this.innerLines = 0;
    this.quoted = false;
    this.reason = null;
    this.message = '';
  }

  #finish(recordEnd: number, next: number): number {
    this.recordEnd = recordEnd;
    return next;
  }

  #bareField(bytes: Buffer, from: number, end: number): number {
    const at = this.#textEnd(bytes, from, end);
    this.#add(from, at, isNullText(this.#nullText, bytes, from, at) ? CellKind.null : CellKind.bare);
    return at;
  }

  #quotedField(bytes: Buffer, from: number, end: number): number {
    this.quoted = true;
    const doubled = this.#escape === this.#quote;
    let kind: number = CellKind.quoted;
    let at = from + 1;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === this.#quote) {
        if (!doubled || bytes[at + 1] !== this.#quote || at + 1 >= end) break;
        kind = CellKind.escaped;
        at++;
      } else if (byte === this.#escape) {
        kind = CellKind.escaped;
        at++;
        this.#countLine(bytes, at, end);
      } else {
        this.#countLine(bytes, at, end);
      }
    }
    this.#add(from + 1, Math.min(at, end), kind);
    if (at >= end)
      return this.#fail('unclosed_quote', `the quote of field ${this.fields} is never closed`, end);
    const behind = at + 1;
    const next = this.#textEnd(bytes, behind, end);
    return next === behind
      ? next
      : this.#fail('text_after_quote', `text behind the closing quote of field ${this.fields}`, next);
  }

  #countLine(bytes: Buffer, at: number, end: number): void {
    if (at >= end) return;
    if (bytes[at] === CR || (bytes[at] === LF && bytes[at - 1] !== CR)) this.innerLines++;
  }

  #fail(reason: ReasonCode, message: string, next: number): number {
    this.reason ??= reason;
    this.message ||= message;
    return next;
  }

  #add(start: number, end: number, kind: number): void {
    this.starts[this.fields] = start;
    this.ends[this.fields] = end | (kind << KIND_SHIFT);
    this.fields++;
  }

  /** Where unquoted text ends: at a delimiter, a line ending or `end`. */
  #textEnd(bytes: Buffer, from: number, end: number): number {
    const first = this.#delimiter[0];
    let at = from;
    for (; at < end; at++) {
      const byte = bytes[at];
      if (byte === LF || byte === CR || (byte === first && this.#isDelimiter(bytes, at, end))) break;
    }
    return at;
  }

  #isDelimiter(bytes: Buffer, at: number, end: number): boolean {
    if (at + this.#delimiter.length > end) return false;
    for (let i = 1; i < this.#delimiter.length; i++) {
      if (bytes[at + i] !== this.#delimiter[i]) return false;
    }
    return true;
  }
}
