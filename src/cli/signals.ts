/** Signals that ask a run to stop, with the number that a shell adds to 128. */
const signals = { SIGINT: 2, SIGTERM: 15, SIGHUP: 1 } as const;

/** One of the signals that end a run after its batch. */
export type StopSignal = keyof typeof signals;

/**
 * Milliseconds in which the same signal again is the same request: npm hands a Ctrl-C on to a child that got it from the terminal already.
 */
const ECHO = 200;

/** What signals abort. */
export interface SignalControllers {
  /** With the name of the first signal that comes. */
  readonly stop: AbortController;
  /** With the second, right before the process ends: whoever began processes ends them. */
  readonly abandon: AbortController;
}

/**
 * Aborts `stop` with the first signal that comes, and tells `first`. Another SIGINT or SIGTERM ends the process at once, which is as safe as
 * any other kill. Answers how to stop watching.
 */
export function watchSignals(
  { stop: controller, abandon }: SignalControllers,
  first: (signal: StopSignal) => void,
): () => void {
  let since = 0;

  function receive(signal: StopSignal): void {
    const now = performance.now();
    if (!controller.signal.aborted) {
      since = now;
      controller.abort(signal);
      first(signal);
    } else if (signal !== 'SIGHUP' && !(signal === controller.signal.reason && now - since < ECHO)) {
      abandon.abort(signal);
      process.exit(128 + signals[signal]);
    }
  }

  const names = Object.keys(signals) as StopSignal[];
  for (const name of names) process.on(name, receive);
  return () => {
    for (const name of names) process.off(name, receive);
  };
}
