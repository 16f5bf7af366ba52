import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ioError } from '../core/errors.js';
import type { Event } from '../core/events.js';
import { messageLines } from './messages.js';
import { printable } from './printable.js';
import { Progress } from './progress.js';
import { progressLine } from './progress-line.js';
import { formatDuration } from './quantities.js';
import type { Reporter } from './reporter.js';

/**
 * Appends one line an event, with its time, to a file (made with mode 0600; a symbolic link is refused). Progress and checkpoints at most
 * once an interval. Throws a TrancheError if the file cannot be opened.
 */
export function createLogReporter(path: string, interval: number): Reporter {
  const progress = new Progress();
  const written: { [type: string]: number } = {};
  let file: number | null = open(path);

  function report(event: Event): void {
    const now = performance.now();
    progress.apply(event, now);
    if (file === null || tooSoon(event.type, now)) return;
    const time = new Date().toISOString();
    const lines = logLines(event, progress, now).map(line => `${time} ${event.type} ${printable(line)}\n`);
    if (lines.length > 0) writeSync(file, lines.join(''));
  }

  function tooSoon(type: Event['type'], now: number): boolean {
    if (type !== 'progress' && type !== 'checkpoint') return false;
    if (now - (written[type] ?? Number.NEGATIVE_INFINITY) < interval) return true;
    written[type] = now;
    return false;
  }

  function close(): void {
    if (file !== null) closeSync(file);
    file = null;
  }

  return { report, close };
}

function open(path: string): number {
  try {
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    return openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw ioError('open', path, error);
  }
}

function logLines(event: Event, progress: Progress, now: number): readonly string[] {
  switch (event.type) {
    case 'progress':
      return [
        progressLine(progress, now, {
          width: Number.POSITIVE_INFINITY,
          unicode: true,
          bar: false,
        }).trimStart(),
      ];
    case 'phase':
      return event.what === null || event.done !== undefined ? messageLines(event, true) : [event.what];
    case 'ended': {
      const { status, stopped, error, counts, elapsed } = event.summary;
      const why = error?.message ?? stopped;
      const { read, written, rejected, filtered, skipped } = counts;
      return [
        `${status}${why ? ` (${why})` : ''} in ${formatDuration(elapsed)}: read ${read}, written ${written}, rejected ${rejected}, filtered ${filtered}, skipped ${skipped}`,
      ];
    }
    default:
      return messageLines(event, true);
  }
}
