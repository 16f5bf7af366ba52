import { Progress } from './progress.js';
import { phaseLine, progressLine } from './progress-line.js';
import type { Reporter, ReporterContext } from './reporter.js';

/** One line an interval, for logs, cron and continuous integration. */
export function createPlainReporter({ screen, interval }: ReporterContext): Reporter {
  const progress = new Progress();
  const timer = setInterval(print, interval).unref();

  function print(): void {
    const style = { width: Number.POSITIVE_INFINITY, unicode: screen.traits.unicode, bar: false };
    if (progress.phase !== null) screen.lines(phaseLine(progress.phase, style.width));
    else if (progress.running) screen.lines(progressLine(progress, performance.now(), style).trimStart());
  }

  return {
    report: event => {
      progress.apply(event, performance.now());
      if (event.type === 'ended') clearInterval(timer);
    },
    close: () => clearInterval(timer),
  };
}
