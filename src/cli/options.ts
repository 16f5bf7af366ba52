import { choice, flag, option } from '../core/options.js';
import { parseDuration } from '../core/units.js';

/** What a run shows, and where. */
export const displayOptions = {
  progress: choice({
    group: 'display',
    value: 'HOW',
    summary: 'how progress is shown on stderr',
    fallback: 'auto: a bar on a terminal, else plain lines',
    choices: ['auto', 'bar', 'plain', 'none'],
  }),
  progressInterval: option({
    group: 'display',
    value: 'DUR',
    summary: 'time between plain lines',
    fallback: '10s',
    parse: parseInterval,
  }),
  json: flag({ group: 'display', summary: 'print the summary as one JSON object on stdout' }),
  quiet: flag({ group: 'display', short: 'q', summary: 'print errors only' }),
  verbose: flag({
    group: 'display',
    short: 'v',
    summary: 'print retries, rejects, checkpoints, and causes of errors',
  }),
  logFile: option({
    group: 'display',
    value: 'FILE',
    summary: 'append one line an event to FILE',
    parse: parsePath,
  }),
  color: flag({ group: 'display', negative: true, summary: 'no colours; NO_COLOR does the same' }),
} as const;

/** What the display options are when they are not given: milliseconds. */
export const displayDefaults = { progress: 'auto', progressInterval: 10_000 } as const;

function parseInterval(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds < 10) throw new TypeError('a duration of at least 10ms, such as 10s');
  return milliseconds;
}

function parsePath(text: string): string {
  if (text === '') throw new TypeError('a path');
  return text;
}
