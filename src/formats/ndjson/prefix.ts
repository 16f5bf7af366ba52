/** Bytes written behind the end of a prefix: it goes out in words of eight. What follows overwrites them. */
export const PREFIX_SLACK = 7;

/**
 * Text that stands before a value, such as `,"delay":`, ready to be written eight bytes at a time. The words are doubles because these can be
 * moved without an allocation; UTF-8 never makes a NaN (`f0 7f` cannot come), whose bits might change on the way.
 */
export interface Prefix {
  readonly length: number;
  readonly words: Float64Array;
}

/** Makes a prefix of text. */
export function prefixOf(text: string): Prefix {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(length + PREFIX_SLACK);
  bytes.write(text);
  const words = new Float64Array(Math.ceil(length / 8));
  for (let i = 0; i < words.length; i++) words[i] = bytes.readDoubleLE(i * 8);
  return { length, words };
}

/** Writes a prefix at `at` and answers the offset behind it. There must be room for {@link PREFIX_SLACK} bytes more. */
export function writePrefix(prefix: Prefix, out: DataView, at: number): number {
  const { words } = prefix;
  for (let i = 0; i < words.length; i++) out.setFloat64(at + i * 8, words[i]!, true);
  return at + prefix.length;
}

/** A view on all bytes of a buffer. */
export function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
