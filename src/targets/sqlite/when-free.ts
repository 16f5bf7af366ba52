import { setTimeout as sleep } from 'node:timers/promises';
import { sqliteError } from '../../sqlite/driver.js';

/** Milliseconds between two looks at a lock. */
const INTERVAL = 20;

/**
 * Does something that another connection's lock may forbid, again and again for `patience` milliseconds or until the signal aborts. Not the driver's
 * busy timeout, which would hold the whole program. Throws a `TrancheError`, `busy` and transient if the lock did not go away.
 */
export async function whenFree<T>(
  operation: string,
  path: string,
  patience: number,
  action: () => T,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return action();
    } catch (cause) {
      const error = sqliteError(operation, path, cause);
      if (error.code !== 'busy' || signal?.aborted || performance.now() >= deadline) throw error;
    }
    await sleep(INTERVAL);
  }
}
