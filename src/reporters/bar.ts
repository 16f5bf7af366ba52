import type { Event } from '../core/events.js';
import { Progress } from './progress.js';
import { phaseLine, progressLine } from './progress-line.js';
import type { Reporter, ReporterContext } from './reporter.js';
import { StatusStream } from './screen.js';

/** Milliseconds between two texts of the spinner. */
const REDRAW = 100;
/** Columns that the spinner and a margin take. */
const SPINNER = 3;

/** Events that change what is shown, and come neither too often nor with another one. */
const drawn: ReadonlySet<Event['type']> = new Set(['progress', 'phase', 'breaker', 'held']);

/** A bar where the total is known, a spinner where it is not and for phases; both leave no trace when they end. */
export async function createBarReporter({ screen }: ReporterContext): Promise<Reporter> {
  const [{ default: progressBars }, { default: ora, spinners }] = await Promise.all([
    import('cli-progress'),
    import('ora'),
  ]);
  const { unicode, color } = screen.traits;
  const stream = new StatusStream(screen);
  const progress = new Progress();
  const bar = new progressBars.SingleBar({
    stream,
    clearOnComplete: true,
    hideCursor: false,
    linewrap: true,
    forceRedraw: true,
    gracefulExit: false,
    format: () =>
      progressLine(progress, performance.now(), { width: screen.columns - 1, unicode, bar: true }),
  });
  const spinner = ora({
    stream,
    discardStdin: false,
    hideCursor: false,
    isEnabled: true,
    spinner: unicode ? spinners.dots : spinners.line,
    color: color ? 'cyan' : false,
  });
  let spun = 0;
  let doing: string | null = null;

  function report(event: Event): void {
    progress.apply(event, performance.now());
    if (event.type === 'ended') close();
    else if (drawn.has(event.type)) draw();
  }

  function draw(): void {
    if (progress.phase !== null || progress.total === null) spin();
    else fill(progress.total);
  }

  function spin(): void {
    const now = performance.now();
    const what = progress.phase?.what ?? null;
    if (!progress.running && what === null) {
      stopSpinner();
      return;
    }
    if (spinner.isSpinning && what === doing && now - spun < REDRAW) return;
    stopBar();
    spun = now;
    doing = what;
    const width = Math.max(0, screen.columns - SPINNER);
    spinner.text =
      progress.phase === null
        ? progressLine(progress, now, { width, unicode, bar: false })
        : phaseLine(progress.phase, width);
    screen.hasStatus = true;
    spinner.start();
  }

  function fill(total: number): void {
    stopSpinner();
    if (bar.isActive) {
      bar.setTotal(total);
      bar.update(progress.done);
    } else {
      screen.hasStatus = true;
      bar.start(total, progress.done);
    }
  }

  function stopSpinner(): void {
    if (!spinner.isSpinning) return;
    spinner.stop();
    screen.hasStatus = false;
  }

  function stopBar(): void {
    if (!bar.isActive) return;
    bar.stop();
    screen.hasStatus = false;
  }

  function close(): void {
    stopSpinner();
    stopBar();
  }

  return { report, close };
}
