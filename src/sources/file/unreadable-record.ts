import type { Malformed } from '../../core/batch.js';
import type { Location, Position } from '../../core/position.js';
import type { BadRecord } from './batch-place.js';

/** What a batch tells of a record that it could not read. A class for the reason that `WriteCall` is one. */
export class UnreadableRecord implements Malformed {
  readonly before;
  readonly reason;
  readonly message;
  readonly at;
  readonly raw;
  readonly length;
  readonly #endOf: () => Position;

  /** `endOf` answers where the record ends: a hash where the input is compressed, and seldom asked for. */
  constructor(
    { before, reason, message }: BadRecord,
    at: Location,
    raw: Buffer,
    length: number,
    endOf: () => Position,
  ) {
    this.before = before;
    this.reason = reason;
    this.message = message;
    this.at = at;
    this.raw = raw;
    this.length = length;
    this.#endOf = endOf;
  }

  get end(): Position {
    return this.#endOf();
  }
}
