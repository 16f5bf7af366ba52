import { setTimeout as sleep } from 'node:timers/promises';

/** How often and how long: plain data. Times in milliseconds. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retries: number;
  readonly delay: number;
  readonly maxDelay: number;
}

/**
 * Milliseconds to wait before the attempt after `attempt` (1 for the first): exponential with full jitter, as in M. Brooker,
 * "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): a uniform draw up to the exponential bound.
 */
export function backoff(policy: RetryPolicy, attempt: number, random: () => number = Math.random): number {
  const bound = Math.min(policy.maxDelay, policy.delay * 2 ** (attempt - 1));
  return Math.round(random() * bound);
}

/** Waits; ends early, without an error, when the signal aborts. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
