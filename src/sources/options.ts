import { parseTableName } from '../core/database-url.js';
import { flag, option } from '../core/options.js';

/** What is read of a database. */
export const tableSourceOptions = {
  fromTable: option({
    group: 'tables as source',
    value: 'NAME',
    summary: 'table to read, in place of #table',
    fixed: true,
    parse: text => {
      parseTableName(text);
      return text;
    },
  }),
  query: option({
    group: 'tables as source',
    value: 'SQL',
    summary: 'what to read instead of a table; needs --key',
    fixed: true,
    parse: parseQuery,
  }),
  resumeSource: flag({
    group: 'tables as source',
    negative: true,
    summary: 'read without a key, in one go: a run that is stopped cannot go on',
    fixed: true,
  }),
} as const;

function parseQuery(text: string): string {
  const query = text.trim().replace(/;+$/, '');
  if (query === '') throw new TypeError('a query, such as "SELECT id, name FROM orders"');
  return query;
}
