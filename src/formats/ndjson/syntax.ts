/** Levels of nesting of one record, itself included. */
export const DEPTH_LIMIT = 1000;

export const LF = 0x0a;
export const CR = 0x0d;
export const QUOTE = 0x22;
export const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** By byte: 1 where a run of plain characters of a string ends: control characters, quote, backslash. */
const special = new Uint8Array(256).fill(1, 0, 0x20);
special[QUOTE] = 1;
special[BACKSLASH] = 1;

/** By byte: 1 for what may stand behind a backslash, `u` apart. */
const escapes = new Uint8Array(256);
for (const byte of Buffer.from('"\\/bfnrt')) escapes[byte] = 1;

const words = ['true', 'false', 'null'].map(word => Buffer.from(word));

/**
 * Checks JSON (RFC 8259) within one line. A line feed must stand somewhere behind the offset that a method
 * is given: none goes beyond it, which is why none looks at where the bytes end. A line feed is never white space.
 * Methods answer an offset, or -1 and leave in {@link fault} what is wrong and in {@link faultAt} where.
 */
export class JsonSyntax {
  fault = '';
  faultAt = 0;
  /** Whether the last {@link string} had escapes. */
  escaped = false;

  /** For each open level, the bracket that closes it. */
  readonly #closing = new Uint8Array(DEPTH_LIMIT + 1);

  /** Behind the value that begins at `start`. */
  value(bytes: Buffer, start: number): number {
    let depth = 0;
    let i = start;
    do {
      const byte = bytes[i]!;
      if (isContainer(byte)) {
        if (++depth > DEPTH_LIMIT) return this.fail(i, `nested deeper than ${DEPTH_LIMIT} levels`);
        this.#closing[depth] = byte === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        i = this.space(bytes, i + 1);
        if (bytes[i] !== this.#closing[depth]) {
          if (byte === OPEN_OBJECT) i = this.key(bytes, i);
          if (i < 0) return -1;
          continue;
        }
        i++;
        depth--;
      } else {
        i = this.scalar(bytes, i);
        if (i < 0) return -1;
      }
      while (depth > 0) {
        i = this.space(bytes, i);
        if (bytes[i] === COMMA) {
          i = this.space(bytes, i + 1);
          if (this.#closing[depth] === CLOSE_OBJECT) i = this.key(bytes, i);
          if (i < 0) return -1;
          break;
        }
        if (bytes[i] !== this.#closing[depth]) {
          return this.fail(i, `expected , or ${String.fromCharCode(this.#closing[depth]!)}`);
        }
        i++;
        depth--;
      }
    } while (depth > 0);
    return i;
  }

  /** The value behind the key that begins at `start`. */
  key(bytes: Buffer, start: number): number {
    if (bytes[start] !== QUOTE) return this.fail(start, 'expected a key in double quotes');
    const closing = this.string(bytes, start + 1);
    if (closing < 0) return -1;
    const colon = this.space(bytes, closing + 1);
    if (bytes[colon] !== COLON) return this.fail(colon, 'expected : behind a key');
    return this.space(bytes, colon + 1);
  }

  /** Behind the string, number or word that begins at `start`. */
  scalar(bytes: Buffer, start: number): number {
    const byte = bytes[start]!;
    if (byte === QUOTE) {
      const closing = this.string(bytes, start + 1);
      return closing < 0 ? -1 : closing + 1;
    }
    if (byte === MINUS || (byte >= ZERO && byte <= NINE)) return this.number(bytes, start);
    return this.#word(bytes, start);
  }

  /** The closing quote of the string whose first byte inside the quotes is at `start`. */
  string(bytes: Buffer, start: number): number {
    this.escaped = false;
    let i = start;
    for (;;) {
      i = plainEnd(bytes, i);
      if (bytes[i] === QUOTE) return i;
      if (bytes[i] !== BACKSLASH) {
        return this.fail(i, bytes[i] === LF ? 'a string is not closed' : 'a control character in a string');
      }
      this.escaped = true;
      if (escapes[bytes[i + 1]!] === 1) i += 2;
      else if (bytes[i + 1] === 0x75 && hasFourHexDigits(bytes, i + 2)) i += 6;
      else return this.fail(i, 'an escape that JSON does not have');
    }
  }

  /** Behind the number that begins at `start`. */
  number(bytes: Buffer, start: number): number {
    const whole = bytes[start] === MINUS ? start + 1 : start;
    let i = digitsEnd(bytes, whole);
    if (i === whole) return this.fail(i, 'expected a digit');
    if (bytes[whole] === ZERO && i > whole + 1) return this.fail(whole, 'a number with a leading zero');
    if (bytes[i] === POINT) {
      const fraction = i + 1;
      i = digitsEnd(bytes, fraction);
      if (i === fraction) return this.fail(i, 'expected a digit');
    }
    if ((bytes[i]! | 0x20) === 0x65) {
      const exponent = bytes[i + 1] === PLUS || bytes[i + 1] === MINUS ? i + 2 : i + 1;
      i = digitsEnd(bytes, exponent);
      if (i === exponent) return this.fail(i, 'expected a digit');
    }
    return i;
  }

  /** The first byte at or behind `start` that is not white space. */
  space(bytes: Buffer, start: number): number {
    let i = start;
    while (bytes[i] === 0x20 || bytes[i] === 0x09 || bytes[i] === CR) i++;
    return i;
  }

  fail(at: number, fault: string): -1 {
    this.fault = fault;
    this.faultAt = at;
    return -1;
  }

  #word(bytes: Buffer, start: number): number {
    for (const word of words) {
      let i = 0;
      while (i < word.length && bytes[start + i] === word[i]) i++;
      if (i === word.length) return start + i;
    }
    return this.fail(start, 'expected a value');
  }
}

/** True for what a JSON string cannot hold as it is: control characters, quote, backslash. */
export function isSpecial(byte: number): boolean {
  return special[byte] !== 0;
}

/** Where a run of plain characters of a string ends. */
export function plainEnd(bytes: Buffer, start: number): number {
  let i = start;
  while (special[bytes[i]!] === 0) i++;
  return i;
}

/** Behind the integer at `start` if it is one with a comma or a brace behind it, which is most of them; else -1. */
export function integerEnd(bytes: Buffer, start: number): number {
  let i = bytes[start] === MINUS ? start + 1 : start;
  if (bytes[i]! <= ZERO || bytes[i]! > NINE) return -1;
  i++;
  while (bytes[i]! >= ZERO && bytes[i]! <= NINE) i++;
  return bytes[i] === COMMA || bytes[i] === CLOSE_OBJECT ? i : -1;
}

/** True for the first byte of an object or an array. */
export function isContainer(byte: number): boolean {
  return byte === OPEN_OBJECT || byte === OPEN_ARRAY;
}

function digitsEnd(bytes: Buffer, start: number): number {
  let i = start;
  while (bytes[i]! >= ZERO && bytes[i]! <= NINE) i++;
  return i;
}

function hasFourHexDigits(bytes: Buffer, start: number): boolean {
  for (let i = start; i < start + 4; i++) {
    const byte = bytes[i]!;
    const lower = byte | 0x20;
    if (!((byte >= ZERO && byte <= NINE) || (lower >= 0x61 && lower <= 0x66))) return false;
  }
  return true;
}
