import { TrancheError } from '../core/errors.js';
import { describeThrown } from '../core/thrown.js';
import type { SignalControllers } from './signals.js';

/**
 * What code of other people throws where nobody can catch it, from a timer or in a promise that nobody awaits, fails the run that is under way: both
 * controllers are aborted with the error. When the run is over, or is stopping, it is `tell`'s to say. Only the first counts. Answers what to call
 * when the run is over, which answers the error if there was one.
 */
export function watchUncaught(
  { stop, abandon }: SignalControllers,
  tell: (error: TrancheError) => void,
): () => TrancheError | null {
  let first: TrancheError | null = null;
  let isOver = false;
  process.on('uncaughtException', thrown => {
    if (first) return;
    first = uncaught(thrown);
    if (isOver || stop.signal.aborted) {
      tell(first);
      process.exitCode = 1;
      return;
    }
    stop.abort(first);
    abandon.abort(first);
  });
  return () => {
    isOver = true;
    return first;
  };
}

function uncaught(thrown: unknown): TrancheError {
  return new TrancheError(
    'uncaught',
    `code that this run called threw where nothing could catch it: ${describeThrown(thrown)}`,
    { cause: thrown, hint: 'let it await what it begins, or catch what that throws' },
  );
}
