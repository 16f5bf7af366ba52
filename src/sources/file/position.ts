import type { JsonObject } from '../../core/json.js';
import type { Position } from '../../core/position.js';

/** Where in a list of files a record ends. */
export interface FilePosition {
  /** Index in the list of files, in the order of their names. */
  readonly file: number;
  readonly path: string;
  /** Byte offset behind the record and its line ending, in the (uncompressed) input as it is encoded. */
  readonly offset: number;
  /** Records of this file before the offset. */
  readonly record: number;
  /** 1-based number of the line that begins at the offset. */
  readonly line: number;
  /** True if the last record had no line ending: the file ended there. */
  readonly unterminated: boolean;
  /** What the storage needs besides the offset; see `Input.waypoint`. */
  readonly waypoint: JsonObject | null;
  /** Hash of the bytes before the offset where they cannot be read again cheaply (gzip); else null. */
  readonly tail: JsonObject | null;
}

/** The beginning of a file. */
export function startOf(file: number, path: string): FilePosition {
  return { file, path, offset: 0, record: 0, line: 1, unterminated: false, waypoint: null, tail: null };
}

/** Gives a position its type back. */
export function asFilePosition(position: Position): FilePosition {
  return position as unknown as FilePosition;
}

/** A position as the engine keeps it. */
export function asPosition(position: FilePosition): Position {
  return position as unknown as Position;
}
