import type { ReasonCode } from '../core/batch.js';

/** A record that a scanner could not read; bounds are offsets in the scanned bytes. */
export interface MalformedRecord {
  /** Good records of the table before it. */
  readonly before: number;
  readonly start: number;
  /** Its line ending not included. */
  readonly end: number;
  readonly reason: ReasonCode;
  readonly message: string;
}
