import type { Records } from '../core/records.js';

/** Where encoded bytes go: a buffer that grows. */
export interface OutputBuffer {
  /** Filled up to `length`. */
  bytes: Buffer;
  length: number;
  /** Makes room for `more` bytes behind `length`; `bytes` may be another buffer afterwards. */
  reserve(more: number): void;
}

/** Turns records into the bytes of a file format. */
export interface Encoder {
  /** What a file begins with (a CSV header); may be empty. */
  header(): Buffer;
  /** Appends all records. Answers the indices of those that the format cannot hold, with the reason (usually none). */
  encode(records: Records, into: OutputBuffer): readonly EncodeRefusal[];
}

/** A record that a format cannot hold; nothing of it was appended. */
export interface EncodeRefusal {
  readonly index: number;
  readonly reason: 'type' | 'unknown_key' | 'refused';
  readonly message: string;
}
