/**
 * The walk over the bytes on which the speed of everything rests. This file is AssemblyScript (TypeScript's syntax, WebAssembly's types): `npm run kernels` compiles it,
 * `src/formats/csv/scan-kernel.ts` calls it. It looks at 64 bytes in one step and stops only at those that may mean something, as D. Lemire and G. Langdale do for JSON ("Parsing Gigabytes of
 * JSON per Second", VLDB Journal 28, 2019).
 *
 * Its memory, at the addresses below: the null text, a chunk of the input, and the bounds that it finds.
 */

/** Longest null text that it can compare, in bytes. */
export const NULL_TEXT_BYTES: i32 = 1024;
/** Most bytes of a chunk. It and the bounds found in it fit the second cache of a core. */
export const CHUNK_BYTES: i32 = 65536;
/** Most cells that a call finds. */
export const CELLS: i32 = 65536;

export const NULL_TEXT: usize = 1024;
export const CHUNK: usize = NULL_TEXT + NULL_TEXT_BYTES;
/** Behind the chunk there is a block more, since blocks are read whole. */
export const STARTS: usize = CHUNK + CHUNK_BYTES + 64;
export const ENDS: usize = STARTS + 4 * CELLS;
export const RECORD_STARTS: usize = ENDS + 4 * CELLS;
export const RECORD_ENDS: usize = RECORD_STARTS + 4 * CELLS;

/** Good records that the last call of {@link scan} found. */
export let count: i32 = 0;
/** Line endings in their quotes. */
export let innerLines: i32 = 0;
/** False if a field of theirs was in quotes. */
export let plain: bool = true;
/** True if the call ended because the record goes on behind the chunk. */
export let starved: bool = false;

const LF: i32 = 0x0a;
const CR: i32 = 0x0d;
/** `CellKind` of core/records.ts, where it stands in an entry of `ends`. */
const QUOTED: u32 = 1 << 29;
const ESCAPED: u32 = 2 << 29;
const NULL: u32 = 3 << 29;

let delimiter: i32 = 0;
let quote: i32 = 0;
let escaping: i32 = 0;
let nullLength: i32 = 0;

/** What {@link closingQuote} found between the quotes. */
let kind: u32 = 0;
let lines: i32 = 0;

/** Sets the dialect: bytes, -1 for none, and the length of the null text, which stands in memory. */
export function speak(delimiterByte: i32, quoteByte: i32, escapeByte: i32, nullTextLength: i32): void {
  delimiter = delimiterByte;
  quote = quoteByte;
  escaping = escapeByte;
  nullLength = nullTextLength;
}

/**
 * Finds good records of `width` fields in the chunk, which has `length` bytes, from offset `from` on, until there are `most`, one would begin at or behind
 * the offset `limit`, or something comes that is not a good record or not all there. Answers the offset where that begins. `base` is added to the bounds.
 */
export function scan(length: i32, from: i32, limit: i32, most: i32, width: i32, base: i32): i32 {
  const end = CHUNK + length;
  const stop = CHUNK + limit;
  const shift = base - <i32>CHUNK;
  const delimiters = i8x16.splat(<i8>delimiter);
  const nullBytes = nullLength;
  let found = 0;
  let cell: usize = 0;
  let recordStart = CHUNK + from;
  let block = recordStart & ~63;
  let marks = marksFrom(recordStart, delimiters);
  count = 0;
  innerLines = 0;
  plain = true;
  starved = false;

  while (found < most && recordStart < stop) {
    let at = recordStart;
    let field = 0;
    let bare = true;
    let inner = 0;
    let byte: i32 = load<u8>(at);
    for (;;) {
      const start = at;
      if (byte === quote) {
        at = closingQuote(start + 1, end);
        if (at >= end) return starve(recordStart);
        store<u32>(STARTS + cell, start + 1 + shift);
        store<u32>(ENDS + cell, (at + shift) | kind);
        bare = false;
        inner += lines;
        at++;
        block = at & ~63;
        marks = marksFrom(at, delimiters);
      } else {
        while (marks === 0) {
          block += 64;
          if (block >= end) return starve(recordStart);
          marks = marksOf(block, delimiters);
        }
        at = block + <usize>ctz(marks);
        const isNull = at - start === nullBytes && isNullText(start);
        store<u32>(STARTS + cell, start + shift);
        store<u32>(ENDS + cell, isNull ? (at + shift) | NULL : at + shift);
      }
      if (at >= end) return starve(recordStart);
      cell += 4;
      field++;
      byte = load<u8>(at);
      if (byte !== delimiter || field === width) break;
      marks &= marks - 1;
      byte = load<u8>(++at);
    }
    if (field !== width || (byte !== LF && byte !== CR)) break;
    if (byte === CR && at + 1 >= end) return starve(recordStart);
    marks &= marks - 1;
    store<u32>(RECORD_STARTS + (found << 2), recordStart + shift);
    store<u32>(RECORD_ENDS + (found << 2), at + shift);
    recordStart = at + 1;
    if (byte === CR && load<u8>(recordStart) === LF) {
      recordStart++;
      block = recordStart & ~63;
      marks = marksFrom(recordStart, delimiters);
    }
    count = ++found;
    if (!bare) {
      plain = false;
      innerLines += inner;
    }
  }
  return recordStart - CHUNK;
}

function starve(recordStart: usize): i32 {
  starved = true;
  return recordStart - CHUNK;
}

/** The marks of the block in which `at` lies, from there on. */
function marksFrom(at: usize, delimiters: v128): u64 {
  return marksOf(at & ~63, delimiters) & (~0 << (<u64>at & 63));
}

/** A bit for each of the 64 bytes at `block`: set if it is a delimiter, LF or CR. */
function marksOf(block: usize, delimiters: v128): u64 {
  return (
    marksOf16(block, delimiters) |
    (marksOf16(block + 16, delimiters) << 16) |
    (marksOf16(block + 32, delimiters) << 32) |
    (marksOf16(block + 48, delimiters) << 48)
  );
}

function marksOf16(at: usize, delimiters: v128): u64 {
  const bytes = v128.load(at);
  return i8x16.bitmask(v128.or(i8x16.eq(bytes, delimiters), lineEndings(bytes)));
}

function lineEndings(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(<i8>LF)), i8x16.eq(bytes, i8x16.splat(<i8>CR)));
}

/** Address of the quote that closes a field whose text begins at `from`; at or behind `end` if it is not there. */
function closingQuote(from: usize, end: usize): usize {
  const quotes = i8x16.splat(<i8>quote);
  const escapes = i8x16.splat(<i8>escaping);
  const doubled = quote === escaping;
  let at = from;
  kind = QUOTED;
  lines = 0;
  while (at < end) {
    const bytes = v128.load(at);
    const special = v128.or(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, escapes)), lineEndings(bytes));
    const hits = i8x16.bitmask(special);
    if (hits === 0) {
      at += 16;
      continue;
    }
    at += ctz(hits);
    let byte: i32 = load<u8>(at);
    if (byte === quote) {
      if (!doubled || load<u8>(at + 1) !== quote) return at;
      kind = ESCAPED;
      at++;
    } else {
      if (byte === escaping) {
        kind = ESCAPED;
        byte = load<u8>(++at);
      }
      if (byte === CR || (byte === LF && load<u8>(at - 1) !== CR)) lines++;
    }
    at++;
  }
  return at;
}

function isNullText(start: usize): bool {
  return nullLength === 0 || memory.compare(start, NULL_TEXT, nullLength) === 0;
}
