import { TrancheError } from '../../core/errors.js';
import { isMysqlUrl, type MysqlPlace, parseMysqlUrl } from '../../mysql/place.js';
import { targetDefaults } from '../options.js';
import type { TargetKind } from '../target-kind.js';
import { nameProblem } from './check-columns.js';

/** `mysql://user@host/database#table`, `mariadb://…` as well. */
export const mysqlTarget: TargetKind = {
  accepts: isMysqlUrl,
  create: async (spec, { options }) => {
    const place = parseMysqlUrl(spec);
    const { MysqlTarget } = await import('./mysql-target.js');
    return new MysqlTarget({
      place,
      table: tableOf(place, options.table),
      mode: options.mode ?? targetDefaults.mode,
      onConflict: options.onConflict ?? targetDefaults.onConflict,
      key: options.key ?? null,
      ledgerDatabase: place.database,
    });
  },
};

function tableOf(place: MysqlPlace, named: string | undefined): string {
  if (named !== undefined && place.table !== '' && named !== place.table) {
    throw wrong(place, `two tables are named, ${place.table} and ${named}`, 'leave out #table or --table');
  }
  const table = named ?? place.table;
  if (table === '') throw wrong(place, 'no table is named', `write ${place.name}#TABLE, or give --table`);
  if (/^tranche_ledger$/i.test(table)) {
    throw wrong(
      place,
      `the table cannot be ${table}: tranche keeps its ledger there`,
      'choose another table',
    );
  }
  const problem = nameProblem(table);
  if (problem !== null)
    throw wrong(place, `the table cannot be ${JSON.stringify(table)}: ${problem}`, 'choose another table');
  return table;
}

function wrong({ name }: MysqlPlace, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${name}: ${message}`, { path: name, hint });
}
