/**
 * Finds the cells in rows that are arrays of JSON, a line each, without space between the values: what SQLite writes. AssemblyScript, as `csv-scan.as.ts`;
 * `src/sources/sqlite/row-kernel.ts` calls it.
 *
 * Its memory, at the addresses below: a chunk of rows, and the bounds that it finds.
 */

/** Most bytes of a chunk, and most cells that a call finds. */
export const CHUNK_BYTES: i32 = 65536;
export const CELLS: i32 = 65536;

/** What is read in one step, and so may lie behind the chunk. */
const STEP: i32 = 16;

export const CHUNK: usize = 1024;
export const STARTS: usize = CHUNK + CHUNK_BYTES + STEP;
export const ENDS: usize = STARTS + 4 * CELLS;
export const ROW_STARTS: usize = ENDS + 4 * CELLS;
export const ROW_ENDS: usize = ROW_STARTS + 4 * CELLS;

/** Rows that the last call of {@link scan} found. */
export let count: i32 = 0;
/** True if it ended at a number that is no integer. */
export let fraction: bool = false;

const QUOTE: i32 = 0x22;
const COMMA: i32 = 0x2c;
const MINUS: i32 = 0x2d;
const BACKSLASH: i32 = 0x5c;
const CLOSING: i32 = 0x5d;
const SMALL_N: i32 = 0x6e;
const NULL_LENGTH: i32 = 4;
/** `CellKind` of core/records.ts, where it stands in an entry of `ends`. */
const QUOTED: u32 = 1 << 29;
const ESCAPED: u32 = 2 << 29;
const NULL: u32 = 3 << 29;
const NUMBER: u32 = 4 << 29;

/** Finds rows of `width` cells in the first `length` bytes of the chunk, `most` of them, as long as they are all there. Answers where the next one begins. `base` is added to the bounds. */
export function scan(length: i32, most: i32, width: i32, base: i32): i32 {
  const end = CHUNK + length;
  const shift = base - <i32>CHUNK;
  let cell: usize = 0;
  let row = CHUNK;
  count = 0;
  fraction = false;
  while (count < most && row < end) {
    let at = row;
    for (let column = 0; column < width; column++) {
      // An opening bracket or a comma is passed.
      const first: i32 = load<u8>(++at);
      if (at >= end) return row - CHUNK;
      if (first === QUOTE) {
        const start = at + 1;
        at = closingQuote(start, end);
        if (at >= end) return row - CHUNK;
        store<u32>(STARTS + cell, start + shift);
        store<u32>(ENDS + cell, (at + shift) | kind);
        at++;
      } else if (first === SMALL_N) {
        store<u32>(ENDS + cell, NULL);
        at += NULL_LENGTH;
      } else {
        store<u32>(STARTS + cell, at + shift);
        if (first === MINUS) at++;
        let byte: i32 = load<u8>(at);
        while (byte >= 0x30 && byte <= 0x39) byte = load<u8>(++at);
        if (at >= end) return row - CHUNK;
        if (byte !== COMMA && byte !== CLOSING) {
          fraction = true;
          return row - CHUNK;
        }
        store<u32>(ENDS + cell, (at + shift) | NUMBER);
      }
      cell += 4;
    }
    // Behind the closing bracket.
    if (++at > end) break;
    store<u32>(ROW_STARTS + (count << 2), row + shift);
    store<u32>(ROW_ENDS + (count << 2), at + shift);
    count++;
    row = at + 1;
  }
  return row - CHUNK;
}

/** What {@link closingQuote} found. */
let kind: u32 = 0;

/** Address of the quote that closes a text which begins at `from`; at or behind `end` if it is not there. */
function closingQuote(from: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8>QUOTE);
  const escapes = i8x16.splat(<i8>BACKSLASH);
  let at = from;
  kind = QUOTED;
  while (at < end) {
    const bytes = v128.load(at);
    const hits = i8x16.bitmask(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, escapes)));
    if (hits === 0) {
      at += STEP;
      continue;
    }
    at += ctz(hits);
    if (load<u8>(at) === <u8>QUOTE) return at;
    kind = ESCAPED;
    at += 2;
  }
  return at;
}
