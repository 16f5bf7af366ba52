import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import type { Connection } from '../../mysql/driver.js';
import { serverErrorNumber } from '../../mysql/errors.js';
import { describeTable, type TableDescription } from './describe-table.js';
import { bindColumns, conflictKey, wrong } from './match-columns.js';
import { type MysqlSettings, nameOf } from './settings.js';
import { createTable, type InsertInto, tableName } from './statements.js';

/** TRUNCATE is not allowed: rows of other tables refer to this one, or the user lacks the privilege. */
const noTruncate = new Set([1142, 1227, 1701]);

/** What has to be done to a table before rows are put in; nothing has been changed yet. */
export type TablePlan =
  /** There is no table, and records have no columns to make one of. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'use' | 'empty'; readonly into: InsertInto }
  | { readonly kind: 'create' | 'replace' };

/**
 * Looks the table up, matches its columns with those of the records by name, and says what is to be done. `resumed`: the job has written before, so that the table must be
 * there and keeps its rows. Changes nothing. Throws `usage` or `target_changed`.
 */
export async function planTable(
  connection: Connection,
  settings: MysqlSettings,
  columns: readonly OutputColumn[],
  resumed: boolean,
): Promise<TablePlan> {
  const found = await describeTable(connection, settings.database, settings.table);
  if (found?.isView) throw wrong(settings, 'it is a view', 'name the table that the rows are to go into');
  if (resumed && !found && columns.length > 0) throw gone(settings);
  if (!found && columns.length === 0) return { kind: 'nothing' };
  const stays = found && (resumed || settings.mode !== 'replace' || columns.length === 0);
  if (stays) {
    checkEngine(settings, found);
    const kind = resumed || settings.mode === 'append' ? 'use' : 'empty';
    return { kind, into: insertInto(settings, found, columns) };
  }
  if (settings.onConflict !== 'error' && !settings.key) {
    throw wrong(
      settings,
      `--on-conflict ${settings.onConflict} needs a key`,
      'name its columns: --key COL[,COL]',
    );
  }
  return { kind: found ? 'replace' : 'create' };
}

/** Does what the plan says. Each statement is a transaction by itself: MySQL cannot take changes of tables back. */
export async function prepareTable(
  connection: Connection,
  settings: MysqlSettings,
  columns: readonly OutputColumn[],
  plan: TablePlan,
): Promise<InsertInto | null> {
  const name = tableName(settings.database, settings.table);
  switch (plan.kind) {
    case 'nothing':
      return null;
    case 'use':
      return plan.into;
    case 'empty':
      await emptyTable(connection, name);
      return plan.into;
    case 'replace':
    case 'create': {
      if (plan.kind === 'replace') await connection.run(`DROP TABLE ${name}`);
      await connection.run(createTable(name, columns, settings.key ?? [], await exactCollation(connection)));
      const made = await describeTable(connection, settings.database, settings.table);
      if (!made) throw gone(settings);
      return insertInto(settings, made, columns);
    }
    default:
      return plan satisfies never;
  }
}

function insertInto(
  settings: MysqlSettings,
  table: TableDescription,
  columns: readonly OutputColumn[],
): InsertInto {
  const { onConflict, database } = settings;
  const bound = bindColumns(settings, table, columns);
  const key = onConflict === 'error' ? [] : conflictKey(settings, table, bound);
  return { database, table: table.name, columns: bound, onConflict, key };
}

function checkEngine(settings: MysqlSettings, { engine, isTransactional, name }: TableDescription): void {
  if (isTransactional || settings.ledgerDatabase === null) return;
  throw wrong(
    settings,
    `its engine ${engine} has no transactions, so that a killed run could not be taken back`,
    `ALTER TABLE ${tableName(settings.database, name)} ENGINE = InnoDB, or accept rows twice with --no-ledger`,
  );
}

async function emptyTable(connection: Connection, name: string): Promise<void> {
  try {
    await connection.run(`TRUNCATE TABLE ${name}`);
  } catch (error) {
    if (!noTruncate.has(serverErrorNumber(error) ?? 0)) throw error;
    await connection.run(`DELETE FROM ${name}`);
  }
}

/** A collation in which two texts are the same only if all their characters are, spaces at the end as well where the server has such a one. */
async function exactCollation(connection: Connection): Promise<string> {
  const known = ['utf8mb4_0900_bin', 'utf8mb4_nopad_bin'];
  const rows = await connection.query<{ readonly name: string }>(
    'SELECT COLLATION_NAME AS name FROM information_schema.COLLATIONS WHERE COLLATION_NAME IN (?, ?)',
    known,
  );
  return rows[0]?.name ?? 'utf8mb4_bin';
}

function gone(settings: MysqlSettings): TrancheError {
  return new TrancheError(
    'target_changed',
    `${nameOf(settings)}: the table is gone that this job was writing`,
    {
      path: nameOf(settings),
      hint: 'bring it back, or start from the beginning with --fresh',
    },
  );
}
