import { CellKind, KIND_SHIFT } from '../../core/records.js';
import type { RecordTable } from '../table.js';
import type { CsvDialect } from './dialect.js';
import { isNullText } from './null-text.js';

const LF = 0x0a;
const CR = 0x0d;
const QUOTED = CellKind.quoted << KIND_SHIFT;
const ESCAPED = CellKind.escaped << KIND_SHIFT;
const NULL = CellKind.null << KIND_SHIFT;

/** True if {@link scanRun} can read the dialect: a delimiter of one byte. */
export function canRun(dialect: CsvDialect): boolean {
  return dialect.delimiter.length === 1;
}

/**
 * The walk over the bytes on which the speed of everything rests. Puts good records into the table up to the first thing that is not one
 * (malformed, ragged, blank, not complete) or until the table is full, and answers where that begins. Nothing of it is in the table.
 *
 * `stop` is the offset of a line ending before `end`: unquoted text is walked without a look at `end`, since it cannot pass that byte.
 */
export function scanRun(
  bytes: Buffer,
  from: number,
  stop: number,
  end: number,
  dialect: CsvDialect,
  nullText: Buffer,
  table: RecordTable,
): number {
  const delimiter = dialect.delimiter[0]!;
  const { quote, escape } = dialect;
  const doubled = quote === escape;
  const bareCeiling = Math.max(delimiter, CR);
  const quotedCeiling = Math.max(quote, escape, CR);
  const emptyIsNull = nullText.length === 0;
  const { width, byteLimit } = table;
  const room = table.limit - table.malformed.length;
  let { count, starts, ends, recordStarts, recordEnds } = table;
  let capacity = table.capacity;
  let cell = count * width;
  let at = from;
  // A record that is broken off leaves `recordStart` at its first byte, which is the answer.
  let recordStart = from;

  records: while (at <= stop && count < room && (at < byteLimit || count + table.malformed.length === 0)) {
    if (count === capacity) {
      table.grow();
      ({ starts, ends, recordStarts, recordEnds, capacity } = table);
    }
    recordStart = at;
    const lastCell = cell + width - 1;
    let field = cell;
    let quotes = false;
    let innerLines = 0;
    for (;;) {
      let byte = bytes[at]!;
      if (byte === quote) {
        let kind = QUOTED;
        const start = ++at;
        for (; ; at++) {
          if (at >= end) break records;
          byte = bytes[at]!;
          if (byte > quotedCeiling) continue;
          if (byte === quote) {
            if (!doubled || at + 1 >= end || bytes[at + 1] !== quote) break;
            kind = ESCAPED;
            at++;
          } else if (byte === escape) {
            kind = ESCAPED;
            if (++at >= end) break records;
            byte = bytes[at]!;
            if (byte === CR || (byte === LF && bytes[at - 1] !== CR)) innerLines++;
          } else if (byte === CR || (byte === LF && bytes[at - 1] !== CR)) {
            innerLines++;
          }
        }
        starts[field] = start;
        ends[field] = at | kind;
        quotes = true;
        if (++at >= end) break records;
        byte = bytes[at]!;
      } else {
        const start = at;
        while (byte > bareCeiling || (byte !== delimiter && byte !== LF && byte !== CR)) byte = bytes[++at]!;
        starts[field] = start;
        if (emptyIsNull) ends[field] = at === start ? at | NULL : at;
        else ends[field] = isNullText(nullText, bytes, start, at) ? at | NULL : at;
      }
      if (byte === delimiter) {
        if (field === lastCell || ++at > stop) break records;
        field++;
      } else {
        if (field !== lastCell) break records;
        break;
      }
    }
    const recordEnd = at;
    if (bytes[at] === CR) {
      if (at + 1 >= end) break;
      at += bytes[at + 1] === LF ? 2 : 1;
    } else if (bytes[at] === LF) {
      at++;
    } else {
      break;
    }
    recordStarts[count] = recordStart;
    recordEnds[count] = recordEnd;
    recordStart = at;
    cell += width;
    count++;
    if (quotes) {
      table.plain = false;
      table.innerLines += innerLines;
    }
  }
  table.count = count;
  return recordStart;
}
