import type { CsvDialect } from './dialect.js';
import { isNullText } from './null-text.js';

const LF = 0x0a;
const CR = 0x0d;
const BOM = [0xef, 0xbb, 0xbf] as const;

/** Bytes, at most, that a field needs besides its text: two quotes and a delimiter. */
export const FIELD_EXTRA = 6;

/** True if the text `bytes[start, end)` would be read as something else without quotes. */
export function needsQuotes(
  dialect: CsvDialect,
  nullText: Buffer,
  bytes: Buffer,
  start: number,
  end: number,
): boolean {
  const { quote, escape: escaping } = dialect;
  const first = dialect.delimiter[0];
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === first || byte === LF || byte === CR || byte === quote || byte === escaping) return true;
  }
  return looksNull(quote, nullText, bytes, start, end) || beginsWithBom(bytes, start, end);
}

/** Writes a text in quotes to `out` at `to`, where there is room for twice its bytes and {@link FIELD_EXTRA}. Answers the offset behind. */
export function putQuoted(
  dialect: CsvDialect,
  bytes: Buffer,
  start: number,
  end: number,
  out: Buffer,
  to: number,
): number {
  const { quote, escape: escaping } = dialect;
  let at = to;
  out[at++] = quote;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === quote || byte === escaping) out[at++] = escaping;
    out[at++] = byte;
  }
  out[at++] = quote;
  return at;
}

/** The empty text is quoted wherever there are quotes, for the sake of readers that take it for null whatever the null text is. */
function looksNull(quote: number, nullText: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (start === end && quote >= 0) return true;
  return isNullText(nullText, bytes, start, end);
}

/** As the first field of a file such a text would be taken for the file's own byte order mark. */
export function beginsWithBom(bytes: Buffer, start: number, end: number): boolean {
  return (
    end - start >= 3 && bytes[start] === BOM[0] && bytes[start + 1] === BOM[1] && bytes[start + 2] === BOM[2]
  );
}
