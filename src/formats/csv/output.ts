import type { OutputBuffer } from '../encoder.js';
import type { CsvDialect } from './dialect.js';
import { FIELD_EXTRA, needsQuotes, putQuoted } from './fields.js';

const LF = 0x0a;
/** Strings of up to so many characters are encoded without a call into the runtime. */
const SHORT = 64;

/** Writes single fields of a dialect, of any length. A field that the dialect cannot hold is not written: `problem` says why. */
export class CsvOutput {
  readonly dialect: CsvDialect;
  readonly nullText: Buffer;
  /** Why the last field could not be written. */
  problem = '';
  /** Offset behind what was written. */
  at = 0;
  #into: OutputBuffer = { bytes: Buffer.alloc(0), length: 0, reserve: () => undefined };
  #scratch = Buffer.alloc(1024);

  constructor(dialect: CsvDialect) {
    this.dialect = dialect;
    this.nullText = Buffer.from(dialect.nullText);
  }

  /** Where the fields go. Another buffer after {@link reserve}. */
  get bytes(): Buffer {
    return this.#into.bytes;
  }

  /** Goes on behind what `into` holds. */
  begin(into: OutputBuffer): void {
    this.#into = into;
    this.at = into.length;
  }

  /** Makes `into` end behind the last field. */
  finish(): void {
    this.#into.length = this.at;
  }

  /** Makes room for so many bytes. */
  reserve(more: number): void {
    if (this.at + more <= this.#into.bytes.length) return;
    this.#into.length = this.at;
    this.#into.reserve(more);
  }

  delimiter(): void {
    this.raw(this.dialect.delimiter, 0, this.dialect.delimiter.length);
  }

  lineEnding(): void {
    this.reserve(1);
    this.bytes[this.at++] = LF;
  }

  null(): void {
    this.raw(this.nullText, 0, this.nullText.length);
  }

  /** Copies bytes that are a field, or records, of this dialect already. */
  raw(bytes: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    this.at += bytes.copy(this.bytes, this.at, start, end);
  }

  /** Writes the text `bytes[start, end)`, in quotes only where it would be read as something else without. */
  text(bytes: Buffer, start: number, end: number): boolean {
    if (!needsQuotes(this.dialect, this.nullText, bytes, start, end)) {
      this.raw(bytes, start, end);
      return true;
    }
    if (this.dialect.quote < 0) return this.#fail('it cannot be written without quotes');
    this.reserve(2 * (end - start) + FIELD_EXTRA);
    this.at = putQuoted(this.dialect, bytes, start, end, this.bytes, this.at);
    return true;
  }

  /** Writes text that is a string: see {@link text}. */
  string(text: string): boolean {
    const length = text.length <= SHORT ? this.#encodeShort(text) : this.#encode(text);
    return length >= 0 && this.text(this.#scratch, 0, length);
  }

  /** Puts a string into the scratch buffer and answers its length in bytes, -1 if it has no UTF-8. */
  #encodeShort(text: string): number {
    const scratch = this.#scratch;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return this.#encode(text);
      scratch[i] = code;
    }
    return text.length;
  }

  #encode(text: string): number {
    if (/\p{Surrogate}/u.test(text)) {
      this.#fail('it has half a surrogate pair, which is no character');
      return -1;
    }
    const length = Buffer.byteLength(text);
    if (length > this.#scratch.length) this.#scratch = Buffer.alloc(length + (length >>> 1));
    return this.#scratch.write(text);
  }

  #fail(problem: string): false {
    this.problem = problem;
    return false;
  }
}
