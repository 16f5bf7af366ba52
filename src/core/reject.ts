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
}
