import type { JsonObject } from '../../core/json.js';
import type { Location, Position } from '../../core/position.js';
import type { BatchInput, BatchPlace } from './batch-place.js';
import { LineCounter } from './line-counter.js';
import { CR, LF } from './line-ends.js';
import { asPosition } from './position.js';

/** Says of offsets in a batch's window where in the file they are. */
export class BatchPositions {
  readonly #place: BatchPlace;
  readonly #input: BatchInput;
  readonly #lines: LineCounter;

  constructor(place: BatchPlace, input: BatchInput, lineFeedsOnly: boolean) {
    this.#place = place;
    this.#input = input;
    this.#lines = new LineCounter(place.window.bytes, place.from, place.start.line, lineFeedsOnly);
  }

  /** Of a record that begins at `at`, with `ordinal` records of the batch before it. */
  locate(at: number, ordinal: number): Location {
    const { start } = this.#place;
    return {
      file: start.path,
      line: this.#lines.lineAt(at),
      offset: this.#offsetOf(at),
      record: start.record + ordinal + 1,
    };
  }

  /**
   * Behind a record whose last byte is before `end`, with `records` of the batch up to there: the waypoint of the batch's beginning is good for it, and may be
   * asked for in any order.
   */
  after(end: number, records: number): Position {
    const { from, to, start, unterminated } = this.#place;
    const at = this.#behind(end);
    const offset = this.#offsetOf(at);
    return asPosition({
      ...start,
      offset,
      record: start.record + records,
      line: this.#lines.lineAt(at),
      unterminated: unterminated && at === to,
      waypoint: start.waypoint,
      tail: this.#tail(offset, from, at, start.waypoint),
    });
  }

  /** The end of the batch, which has so many records and lines. To be asked for before more is read: the input knows its waypoint only until then. */
  end(records: number, lines: number): Position {
    const { to, start, bytes, unterminated, contiguous } = this.#place;
    // Of an empty batch nothing is new.
    if (bytes === 0) return asPosition(start);
    const offset = start.offset + bytes;
    const waypoint = this.#input.waypoint(offset);
    return asPosition({
      ...start,
      offset,
      record: start.record + records,
      line: start.line + lines - (unterminated ? 1 : 0),
      unterminated,
      waypoint,
      tail: this.#tail(offset, contiguous, to, waypoint),
    });
  }

  #offsetOf(at: number): number {
    const { from, start, window } = this.#place;
    return start.offset + this.#input.rawLength(window.bytes, from, at);
  }

  #tail(offset: number, from: number, to: number, waypoint: JsonObject | null): JsonObject | null {
    return this.#input.tail(this.#place.window.bytes, from, to, offset, waypoint);
  }

  /** The offset behind a record's line ending. */
  #behind(end: number): number {
    const { window, to } = this.#place;
    if (end >= to) return end;
    return window.bytes[end] === CR && window.bytes[end + 1] === LF && end + 1 < to ? end + 2 : end + 1;
  }
}
