/** What a number literal may be: bits that {@link numberForms} answers together. */
export const NumberForm = { integer: 1, real: 2, decimal: 4 } as const;

/** Digits that every double tells apart: a decimal of no more comes back from a double as it was. */
const SAFE_DIGITS = 15;
const INT64_DIGITS = 19;
const largest = Buffer.from('9223372036854775807');
const smallest = Buffer.from('9223372036854775808');

const powersOfTen = Array.from({ length: SAFE_DIGITS + 1 }, (_, power) => 10 ** power);

const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

/** True if `bytes[start, end)` is a canonical integer that fits 64 bits signed. */
export function isInteger(bytes: Buffer, start: number, end: number): boolean {
  const from = bytes[start] === MINUS ? start + 1 : start;
  const digits = end - from;
  if (digits < 1 || digits > INT64_DIGITS) return false;
  if (bytes[from] === ZERO) return digits === 1 && from === start;
  for (let i = from; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < ZERO || byte > NINE) return false;
  }
  return (
    digits < INT64_DIGITS || bytes.compare(from > start ? smallest : largest, 0, INT64_DIGITS, from, end) <= 0
  );
}

/** True if `bytes[start, end)` is a number literal that a double holds exactly as it is written. */
export function isReal(bytes: Buffer, start: number, end: number): boolean {
  return (numberForms(bytes, start, end) & NumberForm.real) !== 0;
}

/** True if `bytes[start, end)` is a number literal of JSON. */
export function isNumber(bytes: Buffer, start: number, end: number): boolean {
  return end > start && numberEnd(bytes, start, end) === end;
}

/** The {@link NumberForm}s of `bytes[start, end)`, or 0 if it is not a number literal of JSON. */
export function numberForms(bytes: Buffer, start: number, end: number): number {
  if (!isNumber(bytes, start, end)) return 0;
  const integer = isInteger(bytes, start, end) ? NumberForm.integer : 0;
  const real = printsTheSame(bytes, start, end) ? NumberForm.real : 0;
  return NumberForm.decimal | integer | real;
}

/** Where the longest number literal of JSON that begins at `start` ends; -1 if none does, or if it breaks off. */
function numberEnd(bytes: Buffer, start: number, end: number): number {
  let i = bytes[start] === MINUS ? start + 1 : start;
  const integer = i;
  i = digitsEnd(bytes, i, end);
  if (i === integer || (bytes[integer] === ZERO && i > integer + 1)) return -1;
  if (i < end && bytes[i] === POINT) {
    const fraction = i + 1;
    i = digitsEnd(bytes, fraction, end);
    if (i === fraction) return -1;
  }
  if (i < end && (bytes[i]! | 0x20) === 0x65) {
    i++;
    if (i < end && (bytes[i] === PLUS || bytes[i] === MINUS)) i++;
    const exponent = i;
    i = digitsEnd(bytes, exponent, end);
    if (i === exponent) return -1;
  }
  return i;
}

/**
 * The value of a number literal that has no exponent and no more than 15 digits, which is most of them, without
 * making a string; NaN for any other.
 */
export function shortNumber(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const from = negative ? start + 1 : start;
  if (end - from > SAFE_DIGITS) return Number.NaN;
  let digits = 0;
  let point = end;
  for (let i = from; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
    else if (bytes[i] === POINT) point = i + 1;
    else return Number.NaN;
  }
  // Both are exact as doubles, so that the quotient is the double next to the literal.
  const number = point === end ? digits : digits / powersOfTen[end - point]!;
  return negative ? -number : number;
}

/** The value of a canonical integer of no more than 15 digits, in one walk; NaN for anything else. */
export function shortInteger(bytes: Buffer, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  const from = negative ? start + 1 : start;
  const digits = end - from;
  if (digits < 1 || digits > SAFE_DIGITS) return Number.NaN;
  if (bytes[from] === ZERO) return digits === 1 && !negative ? 0 : Number.NaN;
  let value = 0;
  for (let i = from; i < end; i++) {
    const digit = bytes[i]! - ZERO;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return negative ? -value : value;
}

function digitsEnd(bytes: Buffer, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i]! >= ZERO && bytes[i]! <= NINE) i++;
  return i;
}

/** Of a number literal: whether its double is printed with these very characters. */
function printsTheSame(bytes: Buffer, start: number, end: number): boolean {
  const from = bytes[start] === MINUS ? start + 1 : start;
  // Up to 15 digits of a number that is not printed with an exponent: only a zero too many can differ.
  if (end - from <= SAFE_DIGITS && bytes[from] !== ZERO) {
    let point = false;
    for (let i = from; i < end; i++) {
      if (bytes[i] === POINT) point = true;
      else if (bytes[i]! > NINE) return sameText(bytes, start, end);
    }
    return !point || bytes[end - 1] !== ZERO;
  }
  return sameText(bytes, start, end);
}

function sameText(bytes: Buffer, start: number, end: number): boolean {
  const text = bytes.toString('latin1', start, end);
  return String(Number(text)) === text;
}
