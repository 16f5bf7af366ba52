import type { Location, Position } from './position.js';
import type { Records } from './records.js';

/** Why a record was set aside. Stable: people filter on it. */
export const reasonCodes = [
  'ragged', // another number of fields than the header
  'unclosed_quote',
  'text_after_quote',
  'invalid_encoding',
  'invalid_json',
  'not_an_object',
  'unknown_key',
  'too_long', // over --max-record-bytes
  'type', // does not fit its declared type
  'transform', // the transform threw
  'constraint', // the target refused it
  'refused', // the target refused it for another reason
] as const;

/** One of {@link reasonCodes}. */
export type ReasonCode = (typeof reasonCodes)[number];

/** A record that the reader could not read. */
export interface Malformed {
  /** How many good records of the batch come before it. */
  readonly before: number;
  readonly at: Location;
  readonly reason: ReasonCode;
  readonly message: string;
  /** The raw record, at most {@link RAW_LIMIT} bytes of it. */
  readonly raw: Buffer;
  /** Length of the raw record in bytes. */
  readonly length: number;
  /** Where the record ends. */
  readonly end: Position;
}

/** Bytes of a raw record that a reject keeps. */
export const RAW_LIMIT = 65_536;

/** The text of a record, as far as a reject keeps it. */
export interface RawRecord {
  readonly raw: Buffer;
  readonly length: number;
}

/** Consecutive records of one source, handled as a unit. Memory is reused: release it when it is settled. */
export interface Batch {
  /** Where the batch begins: the end of the one before. */
  readonly start: Position;
  readonly end: Position;
  /** Bytes of the input between start and end; 0 where a source has no bytes. */
  readonly bytes: number;
  /** In the order of the input. `records.count + malformed.length` records were read. */
  readonly malformed: readonly Malformed[];
  readonly records: Records;
  /** Where good record `index` begins. */
  locate(index: number): Location;
  /** Where good record `index` ends. */
  positionAfter(index: number): Position;
  /** Bytes of the batch that lie before a position of the same input: 0 up to its start, {@link Batch.bytes} from its end on. */
  bytesBefore(position: Position): number;
  /** A copy of the raw text of good record `index` (UTF-8), at most {@link RAW_LIMIT} bytes of it, and its whole length. */
  raw(index: number): RawRecord;
  /** Gives the memory back. Nothing of the batch may be read afterwards. */
  release(): void;
}
