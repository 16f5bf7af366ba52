import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Batch } from '../core/batch.js';

/**
 * Yields what `next` answers, up to null, and asks for one more as soon as whoever took the last one waits for something: a batch is found in the bytes
 * while a server works on the one before.
 */
export async function* oneAhead<B extends Batch>(next: () => Promise<B | null>): AsyncGenerator<B> {
  let ahead = next();
  try {
    for (let batch = await ahead; batch; batch = await ahead) {
      ahead = nextTurn().then(next);
      // It may fail before anybody waits for it.
      ahead.catch(() => undefined);
      yield batch;
    }
  } finally {
    // Not waited for: where a pipe brings nothing more it would never come.
    ahead.then(batch => batch?.release()).catch(() => undefined);
  }
}
