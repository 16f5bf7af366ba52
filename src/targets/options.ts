import { choice, flag, option } from '../core/options.js';

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

/** What the targets' options are when they are not given. */
export const targetDefaults = { mode: 'append', onConflict: 'error' } as const;

function parseTable(text: string): string {
  if (text === '') throw new TypeError('the name of a table');
  return text;
}
