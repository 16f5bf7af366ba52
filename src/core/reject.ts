import type { ReasonCode } from './batch.js';
import type { Location } from './position.js';

/** A record set aside with its reason: one line of the rejects file. */
export interface Reject {
  readonly at: Location;
  readonly reason: ReasonCode;
  readonly message: string;
  /** The raw record, at most RAW_LIMIT bytes of it. */
  readonly raw: Buffer;
  /** Length of the raw record in bytes. */
  readonly length: number;
  /** Attempts at writing it; 0 if it could not be read. */
  readonly attempts: number;
  /** Of a reject that was sent again: its number among the job's rejects. */
  readonly number?: number;
  /** Of a reject that was sent again: what it was rejected for before, the oldest first. */
  readonly earlier?: readonly Failure[];
}

/** Why a record was rejected, and when. */
export interface Failure {
  readonly reason: ReasonCode;
  readonly message: string;
  /** ISO 8601. */
  readonly time: string;
}

/** A reject as it is read back from a file. */
export interface KeptReject extends Reject {
  /** 1 for the job's first reject; a reject that fails again keeps it. */
  readonly number: number;
  readonly earlier: readonly Failure[];
  /** When it was rejected last: ISO 8601. */
  readonly time: string;
}

/** True if only the beginning of the raw record was kept. */
export function isTruncated({ raw, length }: Reject): boolean {
  return length > raw.length;
}
