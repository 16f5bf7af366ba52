import { TrancheError } from '../core/errors.js';

/** The error of an attempt that was cancelled: the reason of its signal, if that is one of ours. */
export function givenUp(place: string, { reason }: AbortSignal): TrancheError {
  if (reason instanceof TrancheError) return reason;
  return new TrancheError('timeout', `gave up writing to ${place}`, { kind: 'transient' });
}

/** What a promise answers; rejects as soon as the signal is aborted. What becomes of the promise afterwards nobody hears. */
export async function unlessAborted<T>(work: T | Promise<T>, place: string, signal: AbortSignal): Promise<T> {
  let giveUp: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(givenUp(place, signal));
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp!);
  }
}

/** What a promise answers; rejects with an error of `what` after so many milliseconds. The timer keeps the process alive where nothing else does. */
export async function withinTime<T>(work: T | Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(tooLong(what, milliseconds)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

function tooLong(what: string, milliseconds: number): TrancheError {
  return new TrancheError('timeout', `${what} took longer than ${milliseconds} ms`, {
    hint: 'allow more with --timeout',
  });
}
