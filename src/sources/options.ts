import { option } from '../core/options.js';

/** What is read of a database. */
export const tableSourceOptions = {
  fromTable: option({
    group: 'records',
    value: 'NAME',
    summary: 'table to read, in place of #table',
    fixed: true,
    parse: some('the name of a table'),
  }),
  query: option({
    group: 'records',
    value: 'SQL',
    summary: 'rows to read, in place of a table; with --key',
    fixed: true,
    parse: some('a SELECT statement'),
  }),
} as const;

function some(what: string): (text: string) => string {
  return text => {
    if (text.trim() === '') throw new TypeError(what);
    return text;
  };
}
