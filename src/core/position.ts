import type { JsonObject } from './json.js';

/**
 * Where in a source a record ends. Only the source that made it understands it; for everybody else it is
 * a piece of JSON to be kept and handed back.
 */
export type Position = JsonObject;

/**
 * How far a target got (bytes of a file, a row of a ledger). Only the target that made it understands it.
 */
export type Mark = JsonObject;

/** Where a person finds a record again. */
export interface Location {
  /** Path, URL or table, as a person would name it. */
  readonly file: string;
  /** 1-based number of the first physical line of the record; 0 where a source has no lines. */
  readonly line: number;
  /** Byte offset of the record's first byte in the (uncompressed) input; 0 where a source has no bytes. */
  readonly offset: number;
  /** 1-based number of the record within its file; a header is not a record. */
  readonly record: number;
}
