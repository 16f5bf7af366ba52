import type { JsonObject } from '../../core/json.js';
import type { MalformedRecord } from '../../formats/malformed-record.js';
import type { FilePosition } from './position.js';
import type { Window } from './window.js';

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
