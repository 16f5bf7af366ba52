import type { Reporter } from './reporter.js';

/** A reporter that cannot stop a run: after its first failure it is left out, and `failed` is told once. */
export function guard(reporter: Reporter, failed: (error: unknown) => void): Reporter {
  let working = true;

  function attempt(action: () => void): void {
    try {
      action();
    } catch (error) {
      if (working) failed(error);
      working = false;
    }
  }

  return {
    report: event => {
      if (working) attempt(() => reporter.report(event));
    },
    close: () => attempt(() => reporter.close()),
  };
}

/** Several reporters as one; each is told, whatever becomes of the others. */
export function together(reporters: readonly Reporter[]): Reporter {
  return {
    report: event => {
      for (const reporter of reporters) reporter.report(event);
    },
    close: () => {
      for (const reporter of reporters) reporter.close();
    },
  };
}
