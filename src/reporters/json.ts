import type { Summary } from '../core/events.js';
import type { Reporter } from './reporter.js';

/** Hands the final object over, with what `more` knows about the outcome, as one line. */
export function createJsonReporter(
  write: (line: string) => void,
  more: (summary: Summary) => Record<string, unknown>,
): Reporter {
  return {
    report: event => {
      if (event.type !== 'ended') return;
      write(`${JSON.stringify({ ...summaryObject(event.summary), ...more(event.summary) })}\n`);
    },
    close: () => {},
  };
}

/** A summary as one JSON object. Its keys are a contract with scripts: they are added to, never renamed. */
function summaryObject(summary: Summary): Record<string, unknown> {
  const { error, ...facts } = summary;
  return {
    ...facts,
    error:
      error === null
        ? null
        : { code: error.code, message: error.message, hint: error.hint ?? null, path: error.path ?? null },
  };
}
