import { option } from './options.js';

/** How databases are reached, as source and as target. */
export const databaseOptions = {
  passwordEnv: option({
    group: 'job',
    about: 'database servers',
    value: 'NAME',
    summary: 'variable that holds the password of a database',
    fallback: 'the URL, PGPASSWORD, ~/.pgpass or MYSQL_PWD',
    parse: parseVariable,
  }),
} as const;

/** The name of a variable of the environment. Throws a `TypeError` that says what is expected. */
export function parseVariable(text: string): string {
  if (!/^[A-Za-z_]\w*$/.test(text)) throw new TypeError('the name of a variable, such as SHOP_PASSWORD');
  return text;
}
