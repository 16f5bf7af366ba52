import type { DatabaseUrl } from '../../core/database-url.js';
import { TrancheError } from '../../core/errors.js';
import { isMysqlUrl, mysqlPlace, parseMysqlUrl } from '../../mysql/place.js';
import { serverTableOptions, targetDefaults } from '../options.js';
import { chosenTable } from '../tables/chosen-table.js';
import type { TargetContext, TargetKind } from '../target-kind.js';
import { nameProblem } from './check-columns.js';
import type { MysqlTarget } from './mysql-target.js';

/** `mysql://user@host/database#table`, `mariadb://…` as well. */
export const mysqlTarget: TargetKind = {
  accepts: isMysqlUrl,
  options: () => serverTableOptions,
  create,
};

async function create(spec: string, { options }: TargetContext): Promise<MysqlTarget> {
  const url = parseMysqlUrl(spec);
  const place = mysqlPlace(url, options.passwordEnv);
  const { database, table } = tableOf(url, place.name, place.database, options.table);
  // Loaded when it is needed: most jobs have no use for it.
  const mysql = await import('./mysql-target.js');
  return new mysql.MysqlTarget({
    place,
    database,
    table,
    mode: options.mode ?? targetDefaults.mode,
    onConflict: options.onConflict ?? targetDefaults.onConflict,
    key: options.key ?? null,
    ledgerDatabase: options.ledger === false ? null : (options.ledgerSchema ?? database),
  });
}

function tableOf(url: DatabaseUrl, place: string, usual: string, option: string | undefined) {
  const { schema, name } = chosenTable(place, url.table, option);
  const problem = /^tranche_ledger$/i.test(name) ? 'tranche keeps its ledger there' : nameProblem(name);
  if (problem === null) return { database: schema ?? usual, table: name };
  throw new TrancheError('usage', `${place}: the table cannot be ${JSON.stringify(name)}: ${problem}`, {
    hint: 'choose another table',
  });
}
