import { noCounts } from '../core/checkpoint.js';
import type { Event, PassedOver } from '../core/events.js';
import { nearPath } from './near-path.js';
import { printable } from './printable.js';
import { formatBytes, formatCount, formatCountOf, formatDuration } from './quantities.js';
import type { Reporter, ReporterContext } from './reporter.js';

type Started = Extract<Event, { type: 'started' }>;

/** Columns named at the start unless everything is asked for. */
const COLUMNS_SHOWN = 12;

/** What is said in words: how a run begins, warnings and, if asked for, what it meets. The end is the command's own to tell. */
export function createMessageReporter({ screen, verbose }: ReporterContext): Reporter {
  return {
    report: event => {
      if (event.type === 'warning')
        screen.lines(`${screen.paint('yellow', 'warning:')} ${printable(event.message)}`);
      else screen.lines(...messageLines(event, verbose).map(printable));
    },
    close: () => {},
  };
}

/** The lines that an event is worth. */
export function messageLines(event: Event, verbose: boolean): readonly string[] {
  switch (event.type) {
    case 'started':
      return startLines(event, verbose);
    case 'warning':
      return [`warning: ${event.message}`];
    case 'retry':
      return verbose ? [retryLine(event)] : [];
    case 'reject': {
      const { at, reason, message } = event.reject;
      return verbose
        ? [`reject ${at.file}:${at.line} (byte ${formatCount(at.offset)}): ${reason}: ${message}`]
        : [];
    }
    case 'log':
      return verbose ? [event.message] : [];
    case 'checkpoint':
      return verbose ? [`checkpoint after ${formatCountOf(event.counts.read, 'record')}`] : [];
    case 'breaker':
      return verbose ? [breakerLine(event)] : [];
    case 'phase':
      return event.what !== null && event.done !== undefined && event.done === event.total
        ? [passedOverLine({ what: event.what, bytes: event.done })]
        : [];
    case 'flow':
    case 'held':
    case 'progress':
    case 'ended':
      return [];
    default:
      return event satisfies never;
  }
}

function startLines(event: Started, verbose: boolean): string[] {
  const lines = [directionLine(event)];
  // The reason is a resumed run, which there cannot be without a checkpoint.
  if (event.checkpoint !== null || event.guarantee !== 'exactly once')
    lines.push(`${event.guarantee}: ${event.because}`);
  lines.push(
    event.checkpoint === null
      ? 'no checkpoint is kept: a run that stops starts from the beginning'
      : `checkpoint: ${nearPath(event.checkpoint)}`,
  );
  if (event.columns.length > 0) lines.push(columnsLine(event.columns, verbose));
  return lines;
}

function directionLine({ source, target, size, resumed, counts }: Started): string {
  const amount = size.bytes === undefined ? size.records : size.bytes;
  const inAll =
    amount === undefined
      ? ''
      : ` (${size.bytes === undefined ? formatCountOf(amount, 'record') : formatBytes(amount)})`;
  const done = resumed && counts.read > noCounts.read ? `, ${formatCountOf(counts.read, 'record')} done` : '';
  return `${resumed ? 'going on with' : 'copying'} ${source}${inAll} → ${target}${done}`;
}

function columnsLine(columns: readonly string[], verbose: boolean): string {
  const shown = verbose ? columns : columns.slice(0, COLUMNS_SHOWN);
  const rest = columns.length - shown.length;
  return `columns: ${shown.join(', ')}${rest > 0 ? `, … and ${rest} more (-v shows them)` : ''}`;
}

function retryLine(event: Extract<Event, { type: 'retry' }>): string {
  return `retry: attempt ${event.attempt} failed, next in ${formatDuration(event.delay)}: ${event.error.message}`;
}

/** `wound forward orders.csv.gz: 1,234,567 bytes`. */
export function passedOverLine({ what, bytes }: PassedOver): string {
  return `${what}: ${formatCount(bytes)} bytes`;
}

/** What the circuit breaker does, and why. */
export function breakerLine({ pause, error }: Extract<Event, { type: 'breaker' }>): string {
  if (pause === null) return 'the other side is back';
  return `paused: nothing gets through (${error?.message}); one batch tries again in ${formatDuration(pause)}`;
}
