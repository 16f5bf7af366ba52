import type { OutputBuffer } from '../encoder.js';
import type { CsvDialect } from './dialect.js';
import { isNullText } from './null-text.js';
import { firstByte, found, fourTimes, wordsOf } from './words.js';

const LF = 0x0a;
const CR = 0x0d;
const BOM = [0xef, 0xbb, 0xbf] as const;
/** Room kept behind every field: quotes, a line ending, and what a word reaches behind its last byte. */
const SLACK = 16;
/** Strings of up to so many characters are encoded without a call into the runtime. */
const SHORT = 64;

/** Writes fields of one dialect. A field that the dialect cannot hold is not written: `problem` says why. */
export class CsvOutput {
  /** Why the last field could not be written. */
  problem = '';
  /** Offset behind what was written. */
  at = 0;
  #into: OutputBuffer = nowhere;
  #out = nowhere.bytes;
  #words = wordsOf(nowhere.bytes);
  #scratch = Buffer.alloc(1024);
  #scratchWords = wordsOf(this.#scratch);
  readonly #delimiter: Buffer;
  readonly #quote: number;
  readonly #escape: number;
  readonly #nullText: Buffer;
  readonly #delimiters: number;
  readonly #quotes: number;
  readonly #escapes: number;

  constructor(dialect: CsvDialect) {
    this.#delimiter = dialect.delimiter;
    this.#quote = dialect.quote;
    this.#escape = dialect.escape;
    this.#nullText = Buffer.from(dialect.nullText);
    this.#delimiters = fourTimes(dialect.delimiter[0]!);
    this.#quotes = fourTimes(dialect.quote);
    this.#escapes = fourTimes(dialect.escape);
  }

  /** Goes on behind what `into` holds. */
  begin(into: OutputBuffer): void {
    this.#into = into;
    this.at = into.length;
    this.#refresh();
  }

  /** Makes `into` end behind the last field. */
  finish(): void {
    this.#into.length = this.at;
  }

  delimiter(): void {
    for (let i = 0; i < this.#delimiter.length; i++) this.#out[this.at++] = this.#delimiter[i]!;
  }

  lineEnding(): void {
    this.#room(0);
    this.#out[this.at++] = LF;
  }

  null(): void {
    this.#room(this.#nullText.length);
    this.at += this.#nullText.copy(this.#out, this.at);
  }

  /** Copies bytes that are a field, or fields, of this dialect already. */
  raw(bytes: Buffer, words: DataView, start: number, end: number): void {
    this.#room(end - start);
    if (end - start > 256 || end + 3 > words.byteLength) {
      this.at += bytes.copy(this.#out, this.at, start, end);
      return;
    }
    const out = this.#words;
    let to = this.at;
    for (let i = start; i < end; i += 4) {
      out.setInt32(to, words.getInt32(i, true), true);
      to += 4;
    }
    this.at += end - start;
  }

  /** Writes the text `bytes[start, end)`, in quotes only where it would be read as something else without. */
  text(bytes: Buffer, words: DataView, start: number, end: number): boolean {
    if (end + 3 > words.byteLength || bytes[start] === BOM[0])
      return this.#carefully(bytes, words, start, end);
    this.#room(end - start);
    const out = this.#words;
    const doubled = this.#escape === this.#quote;
    let to = this.at;
    for (let i = start; i < end; i += 4) {
      const word = words.getInt32(i, true);
      let hits = found(word, this.#delimiters) | found(word, this.#quotes);
      if (!doubled) hits |= found(word, this.#escapes);
      if (hits !== 0 && i + firstByte(hits) < end) return this.#carefully(bytes, words, start, end);
      out.setInt32(to, word, true);
      to += 4;
    }
    if (this.#looksNull(bytes, start, end)) return this.quoted(bytes, start, end);
    this.at += end - start;
    return true;
  }

  /** Writes text that is a string: see {@link text}. */
  string(text: string): boolean {
    const length = this.#encode(text);
    return length >= 0 && this.text(this.#scratch, this.#scratchWords, 0, length);
  }

  /** Writes the text `bytes[start, end)` in quotes. */
  quoted(bytes: Buffer, start: number, end: number): boolean {
    const quote = this.#quote;
    const escaping = this.#escape;
    if (quote < 0) return this.#fail('it cannot be written without quotes');
    this.#room(2 * (end - start));
    const out = this.#out;
    let to = this.at;
    out[to++] = quote;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === quote || byte === escaping) out[to++] = escaping;
      out[to++] = byte;
    }
    out[to++] = quote;
    this.at = to;
    return true;
  }

  #carefully(bytes: Buffer, words: DataView, start: number, end: number): boolean {
    if (this.#needsQuotes(bytes, start, end)) return this.quoted(bytes, start, end);
    this.raw(bytes, words, start, end);
    return true;
  }

  #needsQuotes(bytes: Buffer, start: number, end: number): boolean {
    const first = this.#delimiter[0];
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      if (byte === first || byte === LF || byte === CR || byte === this.#quote || byte === this.#escape)
        return true;
    }
    return this.#looksNull(bytes, start, end) || startsWithBom(bytes, start, end);
  }

  /** True if the text would be read as null. The empty text is quoted wherever there are quotes, for the sake of readers that take it for null. */
  #looksNull(bytes: Buffer, start: number, end: number): boolean {
    if (start === end && this.#quote >= 0) return true;
    return isNullText(this.#nullText, bytes, start, end);
  }

  /** Puts a string into the scratch buffer and answers its length, -1 if it has no UTF-8. */
  #encode(text: string): number {
    if (text.length > SHORT) return this.#encodeAny(text);
    const scratch = this.#scratch;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return this.#encodeAny(text);
      scratch[i] = code;
    }
    return text.length;
  }

  #encodeAny(text: string): number {
    if (/\p{Surrogate}/u.test(text)) {
      this.#fail('it has half a surrogate pair, which is no character');
      return -1;
    }
    const length = Buffer.byteLength(text);
    if (length + SLACK > this.#scratch.length) {
      this.#scratch = Buffer.alloc(length + (length >>> 1) + SLACK);
      this.#scratchWords = wordsOf(this.#scratch);
    }
    return this.#scratch.write(text);
  }

  #fail(problem: string): false {
    this.problem = problem;
    return false;
  }

  /** Makes room for so many bytes, a delimiter and the slack. */
  #room(bytes: number): void {
    const more = bytes + SLACK;
    if (this.at + more <= this.#out.length) return;
    this.#into.length = this.at;
    this.#into.reserve(more);
    this.#refresh();
  }

  #refresh(): void {
    this.#out = this.#into.bytes;
    this.#words = wordsOf(this.#out);
  }
}

/** As the first field of a file such a text would be taken for the file's own byte order mark. */
function startsWithBom(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 3 && bytes[start] === BOM[0] && bytes[start + 1] === BOM[1] && bytes[start + 2] === BOM[2]
  );
}

const nowhere: OutputBuffer = { bytes: Buffer.alloc(0), length: 0, reserve: () => undefined };
