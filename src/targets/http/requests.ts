import type { Location } from '../../core/position.js';
import type { WriteBatch } from '../../core/target.js';
import { type EncodedBatch, linesOf, recordIndexOf } from '../batch-body.js';
import { idempotencyKey } from '../idempotency-key.js';

/** A request that is ready to be sent, as often as it takes. */
export interface PreparedRequest {
  readonly key: string;
  readonly body: Buffer;
  /** Number (from 0) of its first record among those that were encoded. */
  readonly first: number;
  /** Records in it. */
  readonly count: number;
}

/** What keys are made of, besides the content. */
type Keyed = Pick<WriteBatch, 'records' | 'locate'>;

/** One request with all records; none where there is no record. */
export function* batchRequests(
  jobId: string,
  encoded: EncodedBatch,
  how: Keyed,
): Generator<PreparedRequest, undefined> {
  const { content, count } = encoded;
  if (count === 0) return;
  const key = idempotencyKey(jobId, how.locate(recordIndexOf(0, encoded)), content);
  yield { key, body: content, first: 0, count };
}

/** A request for each record, which was encoded as a line. Each is made when the one before it was answered: made all at once they would live for long. */
export function* recordRequests(
  jobId: string,
  encoded: EncodedBatch,
  how: Keyed,
): Generator<PreparedRequest, undefined> {
  const equals = new EqualsOfPlace();
  let first = 0;
  for (const body of linesOf(encoded.content)) {
    const at = how.locate(recordIndexOf(first, encoded));
    // Only a transform makes several records of one.
    const repeat = how.records.form === 'objects' ? equals.before(at, body) : 0;
    yield { key: idempotencyKey(jobId, at, body, repeat), body, first, count: 1 };
    first++;
  }
}

/** Counts equal records that came from one place: they are different records, and each needs a key of its own. */
class EqualsOfPlace {
  #place = '';
  #counts = new Map<string, number>();

  /** How many there were before this one. */
  before({ file, offset, record }: Location, body: Buffer): number {
    const place = JSON.stringify([file, offset, record]);
    if (place !== this.#place) this.#counts = new Map();
    this.#place = place;
    const content = body.toString('latin1');
    const count = this.#counts.get(content) ?? 0;
    this.#counts.set(content, count + 1);
    return count;
  }
}
