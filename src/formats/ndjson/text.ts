import { isSpecial } from './syntax.js';

/** Most bytes that one byte of text becomes in a JSON string: `\u001f`. */
export const ESCAPED_LENGTH = 6;

const BACKSLASH = 0x5c;
const hex = Buffer.from('0123456789abcdef');

/** By byte: the letter of its short escape, 0 if it has none. */
const letters = new Uint8Array(256);
for (const [byte, letter] of [
  [0x08, 'b'],
  [0x09, 't'],
  [0x0a, 'n'],
  [0x0c, 'f'],
  [0x0d, 'r'],
  [0x22, '"'],
  [0x5c, '\\'],
] as const) {
  letters[byte] = letter.charCodeAt(0);
}

/**
 * Writes the UTF-8 text `bytes[start, end)` at `at` as the inside of a JSON string and answers the offset behind it.
 * `source` and `target` are views on `bytes` and `out`; four bytes without anything to escape are moved at once.
 */
export function writeText(
  bytes: Buffer,
  source: DataView,
  start: number,
  end: number,
  out: Buffer,
  target: DataView,
  at: number,
): number {
  let i = start;
  let o = at;
  for (; i + 4 <= end; i += 4) {
    const word = source.getInt32(i, true);
    if (hasSpecial(word)) {
      o = writeBytes(bytes, i, i + 4, out, o);
    } else {
      target.setInt32(o, word, true);
      o += 4;
    }
  }
  return writeBytes(bytes, i, end, out, o);
}

function writeBytes(bytes: Buffer, start: number, end: number, out: Buffer, at: number): number {
  let o = at;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (isSpecial(byte)) o = writeEscape(byte, out, o);
    else out[o++] = byte;
  }
  return o;
}

/** Copies `bytes[start, end)` to `at` and answers the offset behind it. */
export function copyBytes(
  bytes: Buffer,
  source: DataView,
  start: number,
  end: number,
  out: Buffer,
  target: DataView,
  at: number,
): number {
  let i = start;
  let o = at;
  for (; i + 4 <= end; i += 4, o += 4) target.setInt32(o, source.getInt32(i, true), true);
  while (i < end) out[o++] = bytes[i++]!;
  return o;
}

/** Like {@link writeText} for text in quotes of CSV, in which `escaping` takes the meaning from a quote or from itself. */
export function writeEscapedCsv(
  bytes: Buffer,
  source: DataView,
  start: number,
  end: number,
  quote: number,
  escaping: number,
  out: Buffer,
  target: DataView,
  at: number,
): number {
  const escapings = Math.imul(escaping, 0x01010101);
  let i = start;
  let o = at;
  while (i < end) {
    if (i + 4 <= end) {
      const word = source.getInt32(i, true);
      if (!hasSpecial(word) && !hasByte(word, escapings)) {
        target.setInt32(o, word, true);
        i += 4;
        o += 4;
        continue;
      }
    }
    if (bytes[i] === escaping && i + 1 < end && (bytes[i + 1] === quote || bytes[i + 1] === escaping)) i++;
    const byte = bytes[i++]!;
    if (isSpecial(byte)) o = writeEscape(byte, out, o);
    else out[o++] = byte;
  }
  return o;
}

/** Writes a quote, a backslash or a control character as JSON has it. */
function writeEscape(byte: number, out: Buffer, at: number): number {
  out[at] = BACKSLASH;
  if (letters[byte] !== 0) {
    out[at + 1] = letters[byte]!;
    return at + 2;
  }
  out[at + 1] = 0x75;
  out[at + 2] = 0x30;
  out[at + 3] = 0x30;
  out[at + 4] = hex[byte >> 4]!;
  out[at + 5] = hex[byte & 15]!;
  return at + ESCAPED_LENGTH;
}

/** Whether one of four bytes may be a quote, a backslash or a control character; errs on the side of yes. */
function hasSpecial(word: number): boolean {
  return (
    hasByte(word, 0x22222222) || hasByte(word, 0x5c5c5c5c) || ((word - 0x20202020) & ~word & 0x80808080) !== 0
  );
}

/** Whether one of four bytes is the one that `bytes` has four times. */
function hasByte(word: number, bytes: number): boolean {
  const zero = word ^ bytes;
  return ((zero - 0x01010101) & ~zero & 0x80808080) !== 0;
}
