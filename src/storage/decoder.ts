/** Turns bytes of another encoding into UTF-8. */
export interface Decoder {
  /** Bytes of UTF-8 that one byte becomes at most. */
  readonly growth: number;
  /** What has to be kept to decode from the middle of an input; null if nothing. */
  readonly byteOrder: 'le' | 'be' | null;
  /**
   * Decodes `from` into `to`, as far as it holds whole characters; all of it if `last`. Answers the bytes of `from` used and
   * of `to` filled.
   */
  decode(from: Buffer, last: boolean, to: Buffer): { readonly used: number; readonly filled: number };
  /** Bytes of the original encoding that `utf8[start, end)` was made of; both bounds between characters. */
  rawLength(utf8: Buffer, start: number, end: number): number;
}
