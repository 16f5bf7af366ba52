import { choice, flag, option, quantity } from '../core/options.js';
import { parseCount, parseDuration, parsePositiveDuration, parseSize } from '../core/units.js';

/** Which job this is, and how it begins. */
export const jobOptions = {
  job: option({
    group: 'job',
    value: 'NAME',
    summary: 'name of the job',
    fallback: 'from source and target, stable',
    parse: parseJobName,
  }),
  stateDir: option({
    group: 'job',
    value: 'DIR',
    summary: 'where jobs keep their state',
    fallback: '.tranche',
    parse: parsePath,
  }),
  resume: flag({
    group: 'job',
    against: ['fresh', 'checkpoint'],
    summary: 'go on from the checkpoint; start if there is none',
  }),
  fresh: flag({
    group: 'job',
    against: ['resume'],
    summary: 'forget the checkpoint and start from the beginning',
  }),
  onChange: choice({
    group: 'job',
    value: 'WHAT',
    summary: 'on resume, if the input was rewritten',
    fallback: 'fail',
    choices: ['fail', 'continue', 'restart'],
  }),
  checkpoint: flag({
    group: 'job',
    negative: true,
    against: ['resume'],
    summary: 'keep no state: the run cannot be resumed',
  }),
  dryRun: flag({ group: 'job', summary: 'read and check every record, write nothing' }),
} as const;

/** How many records are handled as a unit, and how many in all. */
export const batchOptions = {
  batchSize: quantity({
    group: 'batches',
    value: 'N',
    summary: 'records a batch',
    fallback:
      '10000 for files and databases (50000 for MySQL), 1000 for modules and commands, 100 for HTTP; with --per-record as many as take 2 s, at most 1000',
    parse: parseCount(1),
  }),
  batchBytes: quantity({
    group: 'batches',
    value: 'SIZE',
    summary: 'bytes a batch; whichever comes first',
    fallback: '8MiB',
    parse: parsePositiveSize,
  }),
  limit: quantity({
    group: 'batches',
    value: 'N',
    summary: 'stop after N records',
    parse: parseCount(1),
  }),
  skip: quantity({
    group: 'batches',
    value: 'N',
    summary: 'leave out the first N records',
    fixed: true,
    parse: parseCount(0),
  }),
} as const;

/** What happens when something fails. */
export const failureOptions = {
  retries: quantity({
    group: 'failures',
    value: 'N',
    summary: 'attempts at a batch after the first failed',
    fallback: '5',
    parse: parseCount(0),
  }),
  retryDelay: quantity({
    group: 'failures',
    value: 'DUR',
    unit: 'ms',
    summary: 'wait before the first retry; doubles with each',
    fallback: '200ms',
    parse: parseDuration,
  }),
  retryMaxDelay: quantity({
    group: 'failures',
    value: 'DUR',
    unit: 'ms',
    summary: 'longest wait before a retry',
    fallback: '30s',
    parse: parseDuration,
  }),
  timeout: quantity({
    group: 'failures',
    value: 'DUR',
    unit: 'ms',
    summary: 'longest time for one attempt at a batch',
    fallback: '60s',
    parse: parsePositiveDuration,
  }),
  maxErrors: option<MaxErrors>({
    group: 'failures',
    value: 'N|N%',
    summary: 'rejects that are allowed; one more stops the run',
    fallback: '0',
    parse: parseMaxErrors,
    check: checkMaxErrors,
  }),
  rejects: option({
    group: 'failures',
    value: 'FILE',
    summary: 'where rejected records go',
    fallback: '<state-dir>/<job>/rejects.ndjson',
    parse: parsePath,
  }),
} as const;

/** How fast, and for how long. */
export const paceOptions = {
  rate: quantity({
    group: 'pace',
    value: 'N/s|N/m',
    unit: '/s',
    summary: 'at most so many records a second or minute',
    parse: parseRate,
  }),
  rateBytes: quantity({
    group: 'pace',
    value: 'SIZE/s',
    unit: '/s',
    summary: 'at most so many bytes of input a second',
    parse: parseByteRate,
  }),
  maxDuration: quantity({
    group: 'pace',
    value: 'DUR',
    unit: 'ms',
    summary: 'pause after this time (exit 75)',
    parse: parsePositiveDuration,
  }),
  maxBatches: quantity({
    group: 'pace',
    value: 'N',
    summary: 'pause after N batches (exit 75)',
    parse: parseCount(1),
  }),
} as const;

/** How many rejects a run may have: a number, or a share of the records read. */
export type MaxErrors = { readonly count: number } | { readonly percent: number };

/** What the engine's options are when they are not given: bytes and milliseconds. */
export const engineDefaults = {
  stateDir: '.tranche',
  onChange: 'fail',
  batchBytes: 8 * 1024 * 1024,
  concurrency: 1,
  breakAfter: 10,
  breakFor: 600_000,
  retries: 5,
  retryDelay: 200,
  retryMaxDelay: 30_000,
  timeout: 60_000,
  maxErrors: { count: 0 } as MaxErrors,
} as const;

/** A job's name is the name of its directory as well. */
function parseJobName(text: string): string {
  if (!/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/.test(text)) {
    throw new TypeError('a name of at most 100 letters, digits, dots, dashes and underscores');
  }
  return text;
}

function parsePath(text: string): string {
  if (text === '' || text.includes('\0')) throw new TypeError('a path');
  return text;
}

function parsePositiveSize(text: string): number {
  const bytes = parseSize(text);
  if (bytes < 1) throw new TypeError('a size of at least one byte, such as 8MiB');
  return bytes;
}

function parseMaxErrors(text: string): MaxErrors {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) <= 100) return { percent: Number(percent) };
  try {
    return { count: parseCount(0)(text) };
  } catch {
    throw new TypeError('a whole number such as 10, or a percentage from 0% to 100%');
  }
}

function checkMaxErrors(value: unknown): void {
  const { count, percent } = Object(value) as Partial<Record<'count' | 'percent', unknown>>;
  parseMaxErrors(percent === undefined ? `${count}` : `${percent}%`);
}

function parseRate(text: string): number {
  const [, number, unit] = /^(\d[\d_,]*(?:\.\d+)?)\/(s|m)$/.exec(text) ?? [];
  const rate = Number(number?.replace(/[_,]/g, '')) / (unit === 'm' ? 60 : 1);
  if (!(rate > 0)) throw new TypeError('records a second or minute, such as 500/s or 1000/m');
  return rate;
}

function parseByteRate(text: string): number {
  const expected = 'bytes a second, such as 10MiB/s';
  const [, size] = /^(.+)\/s$/.exec(text) ?? [];
  if (size === undefined) throw new TypeError(expected);
  try {
    return parsePositiveSize(size);
  } catch {
    throw new TypeError(expected);
  }
}
