/** Longest string that is worth a look-up. */
const LONGEST = 32;
const SLOTS = 4096;

/**
 * Strings of bytes. Short ones are remembered, because columns repeat their values and finding a string again
 * is cheaper than making it. Memory is bounded: each string has one slot, and the newest keeps it.
 */
export class ShortStrings {
  readonly #slots: string[] = new Array<string>(SLOTS).fill('');

  /** `bytes[start, end)` as UTF-8. */
  get(bytes: Buffer, start: number, end: number): string {
    const length = end - start;
    if (length > LONGEST) return bytes.toString('utf8', start, end);
    let hash = length;
    let high = 0;
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!;
      high |= byte;
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    if (high > 0x7f) return bytes.toString('utf8', start, end);
    const slot = (hash ^ (hash >>> 12)) & (SLOTS - 1);
    const known = this.#slots[slot]!;
    if (known.length === length && isText(known, bytes, start)) return known;
    const text = bytes.toString('latin1', start, end);
    this.#slots[slot] = text;
    return text;
  }
}

function isText(text: string, bytes: Buffer, start: number): boolean {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) !== bytes[start + i]) return false;
  }
  return true;
}
