import { TrancheError } from '../core/errors.js';

/**
 * Aborts the signal that `work` is told with a `timeout` after so many milliseconds, or when `abandon` is aborted; waits for `work` in any case. `beginAnew` starts the time
 * once more. Not `AbortSignal.timeout`: its timers outlive the attempt, which is a minute of them a batch.
 */
export async function withTimeout<T>(
  milliseconds: number,
  abandon: AbortSignal | null,
  work: (signal: AbortSignal, beginAnew: () => void) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(timedOut(milliseconds)), milliseconds);
  const abandoned = () => controller.abort(abandon?.reason);
  abandon?.addEventListener('abort', abandoned, { once: true });
  try {
    return await work(controller.signal, () => void timer.refresh());
  } finally {
    clearTimeout(timer);
    abandon?.removeEventListener('abort', abandoned);
  }
}

function timedOut(milliseconds: number): TrancheError {
  return new TrancheError('timeout', `the batch took longer than ${milliseconds} ms`, {
    kind: 'transient',
    hint: 'allow more with --timeout',
  });
}
