import type { Scanner, SkipState } from '../scanner.js';
import type { RecordTable } from '../table.js';
import { CellFinder } from './cell-finder.js';
import { ObjectChecker } from './object-checker.js';
import type { ObjectWalk } from './object-walk.js';
import { BACKSLASH, CR, JsonSyntax, LF, OPEN_OBJECT, QUOTE } from './syntax.js';

/**
 * Reads lines of JSON objects and checks every byte of them. With columns it finds their cells and, unless `otherKeys` are allowed, takes any
 * other key for a fault; without (width 0) records may have any keys. Of a key that comes twice the last one counts; a key that is missing is null.
 */
export class NdjsonScanner implements Scanner {
  readonly syntax = 'json';
  readonly quote = QUOTE;
  readonly escape = BACKSLASH;

  readonly #json = new JsonSyntax();
  readonly #objects: ObjectWalk;

  /** The table for {@link scan} must have as many columns. */
  constructor(columns: readonly string[], otherKeys = false) {
    this.#objects =
      columns.length > 0 ? new CellFinder(columns, this.#json, otherKeys) : new ObjectChecker(this.#json);
  }

  scan(bytes: Buffer, from: number, end: number, last: boolean, table: RecordTable): number {
    const lines = end > from ? Math.max(bytes.lastIndexOf(LF, end - 1) + 1, from) : from;
    const at = this.#lines(bytes, from, lines, table);
    return last && at === lines && at < end && hasRoom(table, at)
      ? this.#lastLine(bytes, at, end, table)
      : at;
  }

  skip(bytes: Buffer, from: number, end: number, _state: SkipState): number {
    const at = bytes.indexOf(LF, from);
    return at >= 0 && at < end ? at + 1 : -1;
  }

  /** Reads whole lines: `bytes[from, end)` is empty or ends with a line feed. */
  #lines(bytes: Buffer, from: number, end: number, table: RecordTable): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#objects.begin();
    let at = from;
    while (at < end && hasRoom(table, at)) {
      if (table.count === table.capacity) table.grow();
      const start = this.#json.space(bytes, at);
      if (bytes[start] === LF) {
        table.blankLines++;
        at = start + 1;
        continue;
      }
      const lineEnd = this.#record(bytes, view, start, table);
      if (lineEnd >= 0 && this.#objects.unknownKey === null && bytes[start] === OPEN_OBJECT) {
        table.recordStarts[table.count] = at;
        table.recordEnds[table.count] = withoutCr(bytes, lineEnd);
        table.count++;
        at = lineEnd + 1;
      } else {
        at = this.#setAside(bytes, at, start, lineEnd, table);
      }
    }
    return at;
  }

  /** A last line without a line feed: read from a copy that has one. */
  #lastLine(bytes: Buffer, from: number, end: number, table: RecordTable): number {
    const line = Buffer.allocUnsafe(end - from + 1);
    bytes.copy(line, 0, from, end);
    line[end - from] = LF;
    const { count, malformed } = table;
    table.malformed = [];
    this.#lines(line, 0, line.length, table);
    if (table.count > count) shiftRecord(table, count, from);
    for (const m of table.malformed) malformed.push({ ...m, start: m.start + from, end: m.end + from });
    table.malformed = malformed;
    return end;
  }

  /** The line feed behind the value that begins at `start`, or -1 if the line is not JSON. Fills the cells of the record to come. */
  #record(bytes: Buffer, view: DataView, start: number, table: RecordTable): number {
    const behind =
      bytes[start] === OPEN_OBJECT
        ? this.#objects.object(bytes, view, start, table)
        : this.#json.value(bytes, start);
    if (behind < 0) return -1;
    const lineEnd = this.#json.space(bytes, behind);
    return bytes[lineEnd] === LF ? lineEnd : this.#json.fail(lineEnd, 'expected nothing more');
  }

  /** Takes note of a line that is no record, and goes behind it. */
  #setAside(bytes: Buffer, at: number, start: number, valid: number, table: RecordTable): number {
    const { fault, faultAt } = this.#json;
    const lineEnd = valid >= 0 ? valid : bytes.indexOf(LF, faultAt);
    const before = table.count;
    const end = withoutCr(bytes, lineEnd);
    if (valid < 0) {
      const ends = faultAt === lineEnd ? ', where the line ends' : '';
      const message = `invalid JSON: ${fault} at offset ${faultAt - at}${ends}`;
      table.malformed.push({ before, start: at, end, reason: 'invalid_json', message });
    } else if (bytes[start] !== OPEN_OBJECT) {
      const message = 'a JSON value that is not an object';
      table.malformed.push({ before, start: at, end, reason: 'not_an_object', message });
    } else {
      const message = `the key ${this.#objects.unknownKey} is not a column`;
      table.malformed.push({ before, start: at, end, reason: 'unknown_key', message });
    }
    return lineEnd + 1;
  }
}

function hasRoom(table: RecordTable, at: number): boolean {
  const records = table.count + table.malformed.length;
  return records < table.limit && (at < table.byteLimit || records === 0);
}

function withoutCr(bytes: Buffer, lineEnd: number): number {
  return bytes[lineEnd - 1] === CR ? lineEnd - 1 : lineEnd;
}

function shiftRecord(table: RecordTable, record: number, delta: number): void {
  table.recordStarts[record]! += delta;
  table.recordEnds[record]! += delta;
  for (let cell = record * table.width; cell < (record + 1) * table.width; cell++) {
    table.starts[cell]! += delta;
    table.ends[cell]! += delta;
  }
}
