import { type Batch, type Malformed, RAW_LIMIT, type RawRecord } from '../../core/batch.js';
import type { JsonObject } from '../../core/json.js';
import type { Location, Position } from '../../core/position.js';
import type { TextRecords } from '../../core/records.js';
import type { MalformedRecord } from '../../formats/malformed-record.js';
import type { Scanner } from '../../formats/scanner.js';
import type { RecordTable } from '../../formats/table.js';
import { asPosition, type FilePosition } from './position.js';
import type { Window } from './window.js';

const LF = 10;
const CR = 13;

/** Where a batch lies in its window and in its file. */
export interface BatchPlace {
  readonly window: Window;
  /** Bounds in the window, line endings included. */
  readonly from: number;
  readonly to: number;
  readonly start: FilePosition;
  /** Bytes of the input: more than are in the window if the record was too long to keep. */
  readonly bytes: number;
  /** True if every byte between the bounds is ASCII. */
  readonly ascii: boolean;
  /** True if the file ends with this batch, in the middle of a line. */
  readonly unterminated: boolean;
  /** The only record of the batch, if it was too long to keep. */
  readonly tooLong: BadRecord | null;
  /** From here to `to` the window holds the input without a gap. */
  readonly contiguous: number;
}

/** What the batch's file can tell about offsets. */
export interface BatchInput {
  /** Bytes of the input for a piece of UTF-8: another number only where the encoding is another. */
  rawLength(bytes: Buffer, from: number, to: number): number;
  waypoint(offset: number): JsonObject | null;
  /** The hash that a position at `offset` carries of the bytes before it (`[from, to)` are at hand), where it has to carry one. */
  tail(
    bytes: Buffer,
    from: number,
    to: number,
    offset: number,
    waypoint: JsonObject | null,
  ): JsonObject | null;
}

/** A record that could not be read, or one that was too long to keep. */
export interface BadRecord extends MalformedRecord {
  /** Its whole length in bytes, where it is not in the window as a whole. */
  readonly length?: number;
}

/** Records of one file, as bytes in a window. */
export class TextBatch implements Batch {
  readonly start: Position;
  readonly bytes: number;
  readonly records: TextRecords;
  readonly malformed: readonly Malformed[];
  readonly #place: BatchPlace;
  readonly #input: BatchInput;
  readonly #lines: number;
  /** JSON has no lone CR as a line ending. */
  readonly #lineFeedsOnly: boolean;
  readonly #release: () => void;
  #end: Position | null = null;
  #released = false;
  // The line count up to the newest record somebody asked for: records are asked for in order.
  #knownAt: number;
  #knownLine: number;

  constructor(
    place: BatchPlace,
    table: RecordTable,
    scanner: Scanner,
    input: BatchInput,
    release: () => void,
  ) {
    this.#place = place;
    this.#input = input;
    this.#release = release;
    this.#lineFeedsOnly = scanner.syntax === 'json';
    this.#knownAt = place.from;
    this.#knownLine = place.start.line;
    this.start = asPosition(place.start);
    this.bytes = place.bytes;
    this.records = textRecords(place, table, scanner);
    const bad: readonly BadRecord[] = place.tooLong ? [place.tooLong] : table.malformed;
    this.malformed = bad.map((one, i) => this.#describe(one, one.before + i));
    this.#lines = this.records.count + bad.length + table.innerLines + table.blankLines;
  }

  /** Asked for before the next batch is read: the input knows its waypoint only until then. */
  get end(): Position {
    this.#end ??= this.#endPosition();
    return this.#end;
  }

  locate(index: number): Location {
    return this.#locate(this.records.recordStarts[index]!, this.#ordinal(index));
  }

  positionAfter(index: number): Position {
    return this.#positionAt(this.#behind(this.records.recordEnds[index]!), this.#ordinal(index) + 1);
  }

  raw(index: number): RawRecord {
    return copyOf(
      this.#place.window.bytes,
      this.records.recordStarts[index]!,
      this.records.recordEnds[index]!,
    );
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#release();
  }

  #endPosition(): Position {
    const { to, start, unterminated, contiguous } = this.#place;
    const offset = start.offset + this.bytes;
    // Of an empty batch nothing is new.
    const waypoint = this.bytes === 0 ? start.waypoint : this.#input.waypoint(offset);
    return asPosition({
      ...start,
      offset,
      record: start.record + this.records.count + this.malformed.length,
      line: start.line + this.#lines - (unterminated ? 1 : 0),
      unterminated: this.bytes === 0 ? start.unterminated : unterminated,
      waypoint,
      tail: this.bytes === 0 ? start.tail : this.#tail(offset, contiguous, to, waypoint),
    });
  }

  /** A position inside the batch: the waypoint of its beginning is good for it, and may be asked for in any order. */
  #positionAt(at: number, records: number): Position {
    const { from, to, start, window, unterminated } = this.#place;
    const offset = start.offset + this.#input.rawLength(window.bytes, from, at);
    return asPosition({
      ...start,
      offset,
      record: start.record + records,
      line: this.#lineAt(at),
      unterminated: unterminated && at === to,
      waypoint: start.waypoint,
      tail: this.#tail(offset, from, at, start.waypoint),
    });
  }

  #tail(offset: number, from: number, to: number, waypoint: JsonObject | null): JsonObject | null {
    return this.#input.tail(this.#place.window.bytes, from, to, offset, waypoint);
  }

  #locate(at: number, ordinal: number): Location {
    const { from, start, window } = this.#place;
    return {
      file: start.path,
      line: this.#lineAt(at),
      offset: start.offset + this.#input.rawLength(window.bytes, from, at),
      record: start.record + ordinal + 1,
    };
  }

  #describe(bad: BadRecord, ordinal: number): Malformed {
    const { bytes } = this.#place.window;
    const { before, reason, message } = bad;
    const { raw, length } = copyOf(bytes, bad.start, bad.end);
    // The end of a record that is not in the window as a whole is the end of the batch.
    const whole = bad.length === undefined;
    const self = this;
    const at = this.#locate(bad.start, ordinal);
    return {
      before,
      at,
      reason,
      message,
      raw,
      length: bad.length ?? length,
      // Seldom asked for, and a hash where the input is compressed.
      get end() {
        return whole ? self.#positionAt(self.#behind(bad.end), ordinal + 1) : self.end;
      },
    };
  }

  /** Records of the batch before good record `index`, bad ones counted. */
  #ordinal(index: number): number {
    let bad = 0;
    while (bad < this.malformed.length && this.malformed[bad]!.before <= index) bad++;
    return index + bad;
  }

  /** The offset behind a record's line ending. */
  #behind(end: number): number {
    const { window, to } = this.#place;
    if (end >= to) return end;
    return window.bytes[end] === CR && window.bytes[end + 1] === LF && end + 1 < to ? end + 2 : end + 1;
  }

  #lineAt(at: number): number {
    const { window, from, start } = this.#place;
    if (at < this.#knownAt) {
      this.#knownAt = from;
      this.#knownLine = start.line;
    }
    this.#knownLine += this.#lineFeedsOnly
      ? countLineFeeds(window.bytes, this.#knownAt, at)
      : countLines(window.bytes, this.#knownAt, at);
    this.#knownAt = at;
    return this.#knownLine;
  }
}

function textRecords({ window, ascii }: BatchPlace, table: RecordTable, scanner: Scanner): TextRecords {
  const { count, width } = table;
  return {
    form: 'text',
    syntax: scanner.syntax,
    escape: scanner.escape,
    quote: scanner.quote,
    bytes: window.bytes,
    ascii,
    plain: table.plain,
    count,
    width,
    starts: table.starts,
    ends: table.ends,
    recordStarts: table.recordStarts,
    recordEnds: table.recordEnds,
  };
}

function copyOf(bytes: Buffer, from: number, to: number): RawRecord {
  return { raw: Buffer.from(bytes.subarray(from, Math.min(to, from + RAW_LIMIT))), length: to - from };
}

/** Line endings in `bytes[from, to)`, whose bounds are not inside of one. */
function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) {
    if (bytes[i] === LF || (bytes[i] === CR && (i + 1 === to || bytes[i + 1] !== LF))) lines++;
  }
  return lines;
}

function countLineFeeds(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = bytes.indexOf(LF, from); i >= 0 && i < to; i = bytes.indexOf(LF, i + 1)) lines++;
  return lines;
}
