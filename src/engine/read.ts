import type { Batch } from '../core/batch.js';
import { isOfKind } from '../core/errors.js';
import type { Position } from '../core/position.js';
import { type Retrying, waitForRetry } from './wait-for-retry.js';

/**
 * The batches that `open` yields from a position on. Where reading fails for a while (a server that is gone), it is opened again behind the last batch that
 * was yielded; attempts are counted from the last success.
 */
export async function* readBatches(
  open: (from: Position | null) => AsyncIterable<Batch>,
  start: Position | null,
  how: Retrying,
): AsyncGenerator<Batch> {
  let from = start;
  for (let failures = 0; ; ) {
    try {
      for await (const batch of open(from)) {
        failures = 0;
        from = batch.end;
        yield batch;
      }
      return;
    } catch (error) {
      if (!isOfKind(error, 'transient')) throw error;
      await waitForRetry(error, ++failures, how);
    }
  }
}
