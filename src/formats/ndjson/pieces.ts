import { fits } from '../types.js';
import { CLOSE_OBJECT, CR, LF, OPEN_OBJECT, QUOTE } from './syntax.js';

const SPACE = 0x20;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const NULL_WORD = Buffer.from('null').readInt32LE();
const TRUE_WORD = Buffer.from('true').readInt32LE();
const FALSE_WORD = Buffer.from('fals').readInt32LE();
const LAST_OF_FALSE = 0x65;
/** Digits of which every integer fits 64 bits. */
const SURE_DIGITS = 18;

/** Writes `null` and answers the offset behind it, like all functions here. */
export function writeNull(out: DataView, at: number): number {
  out.setInt32(at, NULL_WORD, true);
  return at + 4;
}

/** Writes `true` or `false`. */
export function writeBoolean(value: boolean, out: DataView, at: number): number {
  if (value) {
    out.setInt32(at, TRUE_WORD, true);
    return at + 4;
  }
  out.setInt32(at, FALSE_WORD, true);
  out.setInt8(at + 4, LAST_OF_FALSE);
  return at + 5;
}

/** Ends an object and its line; `empty`: it has no key, and nothing of it was written. */
export function writeObjectEnd(out: Buffer, at: number, empty: boolean): number {
  let o = at;
  if (empty) out[o++] = OPEN_OBJECT;
  out[o] = CLOSE_OBJECT;
  out[o + 1] = LF;
  return o + 2;
}

/** Copies a canonical integer of up to 18 digits; -1 if `bytes[start, end)` is not one. */
export function writeShortInteger(
  bytes: Buffer,
  start: number,
  end: number,
  out: Buffer,
  at: number,
): number {
  const from = bytes[start] === MINUS ? start + 1 : start;
  const digits = end - from;
  if (digits < 1 || digits > SURE_DIGITS || (bytes[from] === ZERO && end > start + 1)) return -1;
  let o = at;
  if (from > start) out[o++] = MINUS;
  for (let i = from; i < end; i++) {
    const byte = bytes[i]!;
    if (byte < ZERO || byte > NINE) return -1;
    out[o++] = byte;
  }
  return o;
}

/** Copies an object or an array onto one line; -1 if `json` is neither. */
export function writeNested(json: Buffer, out: Buffer, at: number): number {
  if (!fits('json', json, 0, json.length)) return -1;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    // White space: inside a string a line ending would be escaped.
    out[at + i] = byte === LF || byte === CR ? SPACE : byte;
  }
  return at + json.length;
}

/** Writes bytes as a string of base 64 and answers the offset behind it. It takes less room than their hexadecimal digits and the quotes. */
export function writeBase64(binary: Buffer, out: Buffer, at: number): number {
  out[at] = QUOTE;
  const behind = at + 1 + out.write(binary.toString('base64'), at + 1, 'latin1');
  out[behind] = QUOTE;
  return behind + 1;
}
