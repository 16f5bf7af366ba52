/** Four bytes in one number: searched without a branch for each. */

const LOW = 0x7f7f7f7f;
const HIGH = 0x80808080;
/** Four times the byte above CR. */
const ABOVE_CR = 0x0e0e0e0e;

/** A word of four times the same byte. */
export function fourTimes(byte: number): number {
  return Math.imul(byte, 0x01010101);
}

/** Bit 7 of each byte of the answer tells whether that byte of `word` is one of the two wanted or at most CR (which LF is as well). */
export function foundEither(word: number, one: number, other: number): number {
  const first = word ^ one;
  const second = word ^ other;
  const different = (((first & LOW) + LOW) | first) & (((second & LOW) + LOW) | second);
  const aboveCr = ((word | HIGH) - ABOVE_CR) | word;
  return ~(different & aboveCr) & HIGH;
}

/** Which byte of a word, the first being 0, has the lowest bit that is set. Words are read little-endian. */
export function firstByte(bits: number): number {
  return (31 - Math.clz32(bits & -bits)) >>> 3;
}

/** The memory of `bytes`, to be read or written in words. */
export function wordsOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
