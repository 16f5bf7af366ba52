import { TrancheError } from '../core/errors.js';
import type { Report } from '../core/events.js';
import type { Journal } from '../core/state.js';
import { backoff, pause, type RetryPolicy } from './retry.js';

/** What trying again needs. */
export interface Retrying {
  readonly retry: RetryPolicy;
  readonly journal: Journal;
  readonly report: Report;
  /** Aborted when the run is to stop; a wait between attempts ends at once. */
  readonly signal: AbortSignal;
  /** Called before every retry. */
  retried(): void;
}

/**
 * Waits before the attempt after `attempt` (1 for the first), which failed with `error`. Throws `retries_exhausted` if there have been enough, and the error itself if the run
 * is to stop.
 */
export async function waitForRetry(error: TrancheError, attempt: number, how: Retrying): Promise<void> {
  const { retries } = how.retry;
  if (attempt > retries) {
    throw new TrancheError('retries_exhausted', `gave up after ${attempt} attempts: ${error.message}`, {
      cause: error,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
  const delay = Math.max(backoff(how.retry, attempt), error.retryAfter ?? 0);
  how.retried();
  how.report({ type: 'retry', attempt, retries, delay, error });
  await how.journal.write('retry', { attempt, delay, message: error.message });
  await pause(delay, how.signal);
  if (how.signal.aborted) throw error;
}
