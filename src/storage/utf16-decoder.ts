import type { Decoder } from './decoder.js';

/** Stands for a single byte at the end, where two were needed: never valid in UTF-8. */
const HALF_UNIT = 0xff;

/**
 * UTF-16. Half a surrogate pair comes out in the three bytes that UTF-8 would have for it, which no UTF-8 check accepts.
 * With `detect` the first two bytes decide: FE FF is big-endian, everything else little-endian.
 */
export class Utf16Decoder implements Decoder {
  readonly growth = 2; // two bytes become three; a single one at the end remains one
  #byteOrder: 'le' | 'be';
  #detect: boolean;

  constructor(byteOrder: 'le' | 'be', detect: boolean) {
    this.#byteOrder = byteOrder;
    this.#detect = detect;
  }

  get byteOrder(): 'le' | 'be' {
    return this.#byteOrder;
  }

  decode(from: Buffer, last: boolean, to: Buffer): { used: number; filled: number } {
    if (this.#detect && from.length >= 2) {
      this.#byteOrder = from[0] === 0xfe && from[1] === 0xff ? 'be' : 'le';
      this.#detect = false;
    }
    const low = this.#byteOrder === 'le' ? 0 : 1;
    const high = 1 - low;
    const end = from.length - 1;
    let filled = 0;
    let i = 0;
    for (; i < end; i += 2) {
      const unit = (from[i + high]! << 8) | from[i + low]!;
      if (unit < 0x80) {
        to[filled++] = unit;
      } else if (unit < 0x800) {
        to[filled++] = 0xc0 | (unit >> 6);
        to[filled++] = 0x80 | (unit & 0x3f);
      } else if ((unit & 0xfc00) !== 0xd800) {
        filled = putThree(to, filled, unit);
      } else if (i + 2 < end) {
        const next = (from[i + 2 + high]! << 8) | from[i + 2 + low]!;
        if ((next & 0xfc00) !== 0xdc00) {
          filled = putThree(to, filled, unit);
        } else {
          filled = putFour(to, filled, 0x10000 + ((unit & 0x3ff) << 10) + (next & 0x3ff));
          i += 2;
        }
      } else if (last) {
        filled = putThree(to, filled, unit);
      } else {
        break; // its other half is not here yet
      }
    }
    if (last && i === end) {
      to[filled++] = HALF_UNIT;
      i++;
    }
    return { used: i, filled };
  }

  rawLength(utf8: Buffer, start: number, end: number): number {
    let count = 0;
    for (let i = start; i < end; i++) {
      const byte = utf8[i]!;
      if (byte < 0x80) count += 2;
      else if (byte < 0xc0) continue;
      else if (byte < 0xf0) count += 2;
      else count += byte === HALF_UNIT ? 1 : 4;
    }
    return count;
  }
}

function putThree(to: Buffer, at: number, character: number): number {
  to[at] = 0xe0 | (character >> 12);
  to[at + 1] = 0x80 | ((character >> 6) & 0x3f);
  to[at + 2] = 0x80 | (character & 0x3f);
  return at + 3;
}

function putFour(to: Buffer, at: number, character: number): number {
  to[at] = 0xf0 | (character >> 18);
  to[at + 1] = 0x80 | ((character >> 12) & 0x3f);
  to[at + 2] = 0x80 | ((character >> 6) & 0x3f);
  to[at + 3] = 0x80 | (character & 0x3f);
  return at + 4;
}
