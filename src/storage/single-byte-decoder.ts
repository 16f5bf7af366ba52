import type { Decoder } from './decoder.js';

/** 0x80 to 0x9f of windows-1252 (WHATWG); where it has no character, the control character of the same number. */
const WINDOWS_1252 = [
  0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d,
  0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a,
  0x0153, 0x9d, 0x017e, 0x0178,
];

/** ISO-8859-1 and windows-1252: each byte is a character, in both it is its own number from 0xa0 on. */
export class SingleByteDecoder implements Decoder {
  readonly growth = 3;
  readonly byteOrder = null;
  readonly #characters = Uint16Array.from({ length: 256 }, (_, byte) => byte);

  constructor(encoding: 'latin1' | 'windows-1252') {
    if (encoding === 'windows-1252') this.#characters.set(WINDOWS_1252, 0x80);
  }

  decode(from: Buffer, _last: boolean, to: Buffer): { used: number; filled: number } {
    const characters = this.#characters;
    let filled = 0;
    for (let i = 0; i < from.length; i++) {
      const character = characters[from[i]!]!;
      if (character < 0x80) {
        to[filled++] = character;
      } else if (character < 0x800) {
        to[filled++] = 0xc0 | (character >> 6);
        to[filled++] = 0x80 | (character & 0x3f);
      } else {
        to[filled++] = 0xe0 | (character >> 12);
        to[filled++] = 0x80 | ((character >> 6) & 0x3f);
        to[filled++] = 0x80 | (character & 0x3f);
      }
    }
    return { used: from.length, filled };
  }

  rawLength(utf8: Buffer, start: number, end: number): number {
    let count = 0;
    for (let i = start; i < end; i++) if ((utf8[i]! & 0xc0) !== 0x80) count++;
    return count;
  }
}
