/**
 * Writes fields of CSV that are bytes already, 16 of them in one step. AssemblyScript, as `csv-scan.as.ts`; `src/formats/csv/write-kernel.ts` calls it.
 *
 * Its memory, at the addresses below: the null text, the columns to write, a chunk of records with the bounds of their cells, and what is written.
 */

/** Longest null text, in bytes. */
export const NULL_TEXT_BYTES: i32 = 1024;
/** Most fields of a record. */
export const FIELDS: i32 = 4096;
/** Most bytes of a chunk of records, and most cells in it. */
export const CHUNK_BYTES: i32 = 65536;
export const CELLS: i32 = 65536;
/** Most bytes that a chunk may need when it is written. */
export const OUTPUT_BYTES: i32 = 524288;

/** What is read and written in one step, and so may lie behind the end of each area. */
const STEP: i32 = 16;

export const NULL_TEXT: usize = 1024;
export const COLUMNS: usize = NULL_TEXT + NULL_TEXT_BYTES + STEP;
export const CHUNK: usize = COLUMNS + 4 * FIELDS;
export const STARTS: usize = CHUNK + CHUNK_BYTES + STEP;
export const ENDS: usize = STARTS + 4 * CELLS;
export const OUTPUT: usize = ENDS + 4 * CELLS;

/** Bytes that the last call of {@link write} wrote. */
export let written: i32 = 0;

const LF: i32 = 0x0a;
const CR: i32 = 0x0d;
/** `CellKind` of core/records.ts. */
const BARE: u32 = 0;
const ESCAPED: u32 = 2;
const NULL: u32 = 3;
const KIND_SHIFT: u32 = 29;
const END_MASK: u32 = 0x1fffffff;

let delimiter: i32 = 0;
let quote: i32 = 0;
let nullLength: i32 = 0;
let alike: bool = false;
let escapedAlike: bool = false;

/** Sets the dialect, whose quotes are doubled, and what can be copied as it stands: every field (`all`), or those with escapes. */
export function speak(
  delimiterByte: i32,
  quoteByte: i32,
  nullTextLength: i32,
  all: bool,
  escaped: bool,
): void {
  delimiter = delimiterByte;
  quote = quoteByte;
  nullLength = nullTextLength;
  alike = all;
  escapedAlike = escaped;
}

/**
 * Writes records `first` to before `behind` of the chunk, which have `width` cells each, with `fields` fields, and answers how many. It ends before one with a field to be unescaped,
 * or that is copied and may begin with a byte order mark. `base`: what the bounds count from, seen from the chunk.
 */
export function write(first: i32, behind: i32, width: i32, fields: i32, base: i32): i32 {
  const shift = CHUNK - base;
  const delimiters = i8x16.splat(<i8>delimiter);
  const quotes = i8x16.splat(<i8>quote);
  let out = OUTPUT;
  let record = first;
  for (; record < behind; record++) {
    const recordOut = out;
    const row = record * width;
    let field = 0;
    for (; field < fields; field++) {
      if (field > 0) store<u8>(out++, <u8>delimiter);
      const cell: usize = (row + load<i32>(COLUMNS + (field << 2))) << 2;
      const bounds = load<u32>(ENDS + cell);
      const kind = bounds >>> KIND_SHIFT;
      if (kind === NULL) {
        if (nullLength > 0) memory.copy(out, NULL_TEXT, nullLength);
        out += nullLength;
        continue;
      }
      let start: usize = load<u32>(STARTS + cell) + shift;
      let end: usize = (bounds & END_MASK) + shift;
      if (alike || kind === ESCAPED) {
        if (!alike && !escapedAlike) break;
        if (kind !== BARE) {
          start--;
          end++;
        } else if (field === 0 && load<u8>(start) === 0xef) {
          break;
        }
        for (let from = start, to = out; from < end; from += STEP, to += STEP) {
          v128.store(to, v128.load(from));
        }
        out += end - start;
        continue;
      }
      let special = 0;
      for (let from = start, to = out; from < end; from += STEP, to += STEP) {
        const bytes = v128.load(from);
        v128.store(to, bytes);
        const hits = i8x16.bitmask(
          v128.or(v128.or(i8x16.eq(bytes, delimiters), i8x16.eq(bytes, quotes)), lineEndings(bytes)),
        );
        special |= from + STEP <= end ? hits : hits & ((1 << (<i32>(end - from))) - 1);
      }
      if (special !== 0 || looksOtherwise(start, end)) out = putQuoted(start, end, out);
      else out += end - start;
    }
    if (field < fields) {
      out = recordOut;
      break;
    }
    store<u8>(out++, <u8>LF);
  }
  written = <i32>(out - OUTPUT);
  return record - first;
}

function lineEndings(bytes: v128): v128 {
  return v128.or(i8x16.eq(bytes, i8x16.splat(<i8>LF)), i8x16.eq(bytes, i8x16.splat(<i8>CR)));
}

/** Whether a text would be read as null, or as the byte order mark of a file. The empty text may be taken for null, whatever the null text is. */
function looksOtherwise(start: usize, end: usize): bool {
  const length = <i32>(end - start);
  if (length === 0) return true;
  if (length === nullLength && memory.compare(start, NULL_TEXT, length) === 0) return true;
  return (
    length >= 3 && load<u8>(start) === 0xef && load<u8>(start + 1) === 0xbb && load<u8>(start + 2) === 0xbf
  );
}

/** Writes a text in quotes, with its own doubled. Answers the address behind. */
function putQuoted(start: usize, end: usize, to: usize): usize {
  let out = to;
  store<u8>(out++, <u8>quote);
  for (let from = start; from < end; from++) {
    const byte: i32 = load<u8>(from);
    if (byte === quote) store<u8>(out++, <u8>quote);
    store<u8>(out++, <u8>byte);
  }
  store<u8>(out++, <u8>quote);
  return out;
}
