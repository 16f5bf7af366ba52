import { CellKind, KIND_SHIFT } from '../../core/records.js';
import type { RecordTable } from '../table.js';
import type { CsvDialect } from './dialect.js';
import { isNullText } from './null-text.js';
import { firstByte, found, foundEither, fourTimes, wordsOf } from './words.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTED = CellKind.quoted << KIND_SHIFT;
const ESCAPED = CellKind.escaped << KIND_SHIFT;
const NULL = CellKind.null << KIND_SHIFT;

/** What {@link scanRun} knows of the bytes in hand and of the dialect. */
export interface Run {
  readonly bytes: Buffer;
  /** The same memory as `bytes`. */
  readonly words: DataView;
  /** One past the last byte of data. */
  readonly end: number;
  /**
   * Offset of a line ending in the data, with three more bytes behind it in the buffer: no byte is passed here without being looked at, so that
   * words of four bytes can be read from every offset up to it.
   */
  readonly stop: number;
  readonly delimiter: number;
  readonly quote: number;
  readonly escape: number;
  readonly nullText: Buffer;
}

/** Prepares `bytes[from, end)` for {@link scanRun}. Null if it cannot help: no line ending, or a delimiter of several bytes. */
export function prepareRun(
  bytes: Buffer,
  from: number,
  end: number,
  dialect: CsvDialect,
  nullText: Buffer,
): Run | null {
  const stop = lastLineEnding(bytes, from, Math.min(end, bytes.length - 3));
  if (stop < 0 || dialect.delimiter.length > 1) return null;
  const words = wordsOf(bytes);
  const { quote, escape: escaping } = dialect;
  return { bytes, words, end, stop, delimiter: dialect.delimiter[0]!, quote, escape: escaping, nullText };
}

/** Offset of the last line ending in `bytes[from, end)`, or -1. A CR is looked for behind the last LF alone. */
function lastLineEnding(bytes: Buffer, from: number, end: number): number {
  if (end <= from) return -1;
  const lf = bytes.subarray(from, end).lastIndexOf(LF);
  const cr = bytes.subarray(from + lf + 1, end).lastIndexOf(CR);
  if (cr >= 0) return from + lf + 1 + cr;
  return lf >= 0 ? from + lf : -1;
}

/**
 * The walk over the bytes on which the speed of everything rests. Puts good records into the table, up to `most` in all, until something
 * comes that is not one (malformed, ragged, blank, not complete) or the table is full, and answers where that begins.
 * Four bytes are looked at in one step, so that only those are taken singly that may mean something.
 */
export function scanRun(run: Run, from: number, most: number, table: RecordTable): number {
  const { bytes, words, stop, end, delimiter, quote, escape: escaping, nullText } = run;
  const delimiters = fourTimes(delimiter);
  const quotes = fourTimes(quote);
  const escapes = fourTimes(escaping);
  const doubled = quote === escaping;
  const emptyIsNull = nullText.length === 0;
  const { width, starts, ends, recordStarts, recordEnds } = table;
  const isEmpty = table.count + table.malformed.length === 0;
  const byteLimit = isEmpty ? Math.max(table.byteLimit, from + 1) : table.byteLimit;
  let count = table.count;
  let cell = count * width;
  let recordStart = from;

  records: while (count < most && recordStart <= stop && recordStart < byteLimit) {
    let at = recordStart;
    let innerLines = 0;
    let bare = true;
    const lastCell = cell + width - 1;
    for (let field = cell; ; field++, at++) {
      let word = words.getInt32(at, true);
      let byte = word & 0xff;
      if (byte === quote) {
        let kind = QUOTED;
        const start = ++at;
        for (;;) {
          if (at > stop) break records;
          word = words.getInt32(at, true);
          const hits = foundEither(word, quotes, escapes);
          if (hits === 0) {
            at += 4;
            continue;
          }
          at += firstByte(hits);
          byte = bytes[at]!;
          if (byte === quote) {
            if (!doubled || bytes[at + 1] !== quote) break;
            kind = ESCAPED;
            at++;
          } else {
            if (byte === escaping) {
              kind = ESCAPED;
              byte = bytes[++at]!;
            }
            if (byte === CR || (byte === LF && bytes[at - 1] !== CR)) innerLines++;
          }
          at++;
        }
        starts[field] = start;
        ends[field] = at | kind;
        bare = false;
        byte = bytes[++at]!;
      } else {
        const start = at;
        for (;;) {
          const hits = found(word, delimiters);
          if (hits === 0) {
            at += 4;
          } else {
            const skipped = firstByte(hits);
            at += skipped;
            byte = (word >>> (skipped << 3)) & 0xff;
            if (byte === delimiter || byte === LF || byte === CR) break;
            at++;
          }
          word = words.getInt32(at, true);
        }
        starts[field] = start;
        ends[field] = (emptyIsNull ? at === start : isNullText(nullText, bytes, start, at)) ? at | NULL : at;
      }
      if (byte === delimiter) {
        if (field === lastCell) break records;
      } else if (field === lastCell) {
        break;
      } else {
        break records;
      }
    }
    const last = bytes[at];
    if (last !== LF && (last !== CR || at + 1 === end)) break;
    recordStarts[count] = recordStart;
    recordEnds[count] = at;
    recordStart = last === CR && bytes[at + 1] === LF ? at + 2 : at + 1;
    cell += width;
    count++;
    if (!bare) {
      table.plain = false;
      table.innerLines += innerLines;
    }
  }
  table.count = count;
  return recordStart;
}
