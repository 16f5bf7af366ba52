import { databaseOptions } from '../core/database-options.js';
import { choice, flag, type OptionTable, type OptionValues, option, quantity } from '../core/options.js';
import { parseCount, parsePositiveDuration } from '../core/units.js';
import { keyOptions } from '../formats/options.js';

/** What a file target does with a file that exists. */
export const fileTargetOptions = {
  overwrite: flag({ against: ['append'], group: 'files as target', summary: 'replace a target that exists' }),
  append: flag({
    against: ['overwrite'],
    group: 'files as target',
    summary: 'add to a target that exists',
    fixed: true,
  }),
} as const;

/** How records get into a table. */
export const tableTargetOptions = {
  table: option({
    group: 'tables as target',
    value: 'NAME',
    summary: 'table to write, in place of #table',
    fixed: true,
    parse: parseTable,
  }),
  mode: choice({
    group: 'tables as target',
    value: 'MODE',
    summary: 'rows that are there: kept, deleted, or the table made anew',
    fallback: 'append; a missing table is created',
    choices: ['append', 'truncate', 'replace'],
    fixed: true,
  }),
  onConflict: choice({
    group: 'tables as target',
    value: 'WHAT',
    summary: 'for a row whose key exists',
    fallback: 'error',
    choices: ['error', 'ignore', 'update'],
    fixed: true,
  }),
} as const;

/** Where servers keep the ledger. */
export const ledgerOptions = {
  ledger: flag({
    group: 'tables as target',
    about: 'PostgreSQL and MySQL as target',
    negative: true,
    summary: 'keep no table tranche_ledger: records are written at least once',
    fixed: true,
  }),
  ledgerSchema: option({
    group: 'tables as target',
    about: 'PostgreSQL and MySQL as target',
    value: 'NAME',
    summary: 'schema of the table tranche_ledger',
    fallback: 'that of the table',
    fixed: true,
    parse: parseTable,
  }),
} as const;

/** How many batches are on their way at once, to what takes several. */
const concurrencyOptions = {
  concurrency: quantity({
    group: 'batches',
    about: 'APIs, modules and commands as target',
    short: 'j',
    value: 'N',
    summary: 'batches in flight, where the target allows it',
    fallback: '1',
    parse: parseCount(1),
  }),
} as const;

const adaptiveOptions = {
  adaptive: flag({
    group: 'batches',
    about: 'APIs, modules and commands as target, with -j N',
    summary: 'find out how many in flight are good, up to --concurrency',
  }),
} as const;

/** When it is taken that the other side is down, and for how long. */
export const outageOptions = {
  breakAfter: quantity({
    group: 'failures',
    about: 'databases, APIs, modules and commands as target',
    value: 'N',
    summary: 'failed attempts in a row after which one batch at a time probes',
    fallback: '10',
    parse: parseCount(1),
  }),
  breakFor: quantity({
    group: 'failures',
    about: 'databases, APIs, modules and commands as target',
    value: 'DUR',
    unit: 'ms',
    summary: 'give up when nothing got through for so long',
    fallback: '10m',
    parse: parsePositiveDuration,
  }),
} as const;

/** Of every table. */
export const tableOptions = { ...tableTargetOptions, ...outageOptions, ...keyOptions } as const;

/** Of tables on a server. */
export const serverTableOptions = { ...tableOptions, ...ledgerOptions, ...databaseOptions } as const;

/** Of targets that take several batches at once. */
export const flightOptions = { ...concurrencyOptions, ...adaptiveOptions, ...outageOptions } as const;

/** Those of {@link flightOptions} that mean something to a target of this name: with one batch at a time there is nothing to find out. */
export function flightOptionsFor(
  spec: string,
  { concurrency = 1 }: OptionValues<typeof concurrencyOptions>,
): OptionTable {
  const several = spec === '' || concurrency > 1;
  return { ...concurrencyOptions, ...(several ? adaptiveOptions : {}), ...outageOptions };
}

/** What the targets' options are when they are not given. */
export const targetDefaults = { mode: 'append', onConflict: 'error' } as const;

function parseTable(text: string): string {
  if (text === '') throw new TypeError('the name of a table');
  return text;
}
