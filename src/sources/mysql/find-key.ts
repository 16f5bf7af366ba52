import { TrancheError } from '../../core/errors.js';
import { uniqueIndices } from '../../mysql/catalogue.js';
import type { Connection } from '../../mysql/driver.js';
import { quoteIdentifier } from '../../mysql/quote.js';
import type { MysqlSourceSettings } from './settings.js';

/**
 * The columns by which rows are told apart and ordered: those of `--key`, else those of the primary key or of another unique index without NULLs. Columns that no index
 * guarantees are checked by a look at all rows. Throws `usage` if rows would be lost.
 */
export async function findKey(
  connection: Connection,
  settings: MysqlSourceSettings,
  rows: string,
  columns: readonly string[],
): Promise<readonly string[]> {
  const { from, key } = settings;
  const indices = from.kind === 'table' ? await uniqueIndices(connection, from.database, from.table) : [];
  const known = indices.filter(({ isKey }) => isKey).map(index => index.columns);
  if (key === null) {
    if (known[0]) return known[0];
    throw wrong(
      settings,
      'it has no key by which a run could go on',
      'name columns that tell its rows apart: --key COL[,COL]',
    );
  }
  const strange = key.filter(name => !columns.includes(name));
  if (strange.length > 0) {
    throw wrong(
      settings,
      `--key: it has no column ${strange.join(', ')}`,
      `its columns: ${columns.join(', ')}`,
    );
  }
  if (known.some(index => index.every(name => key.includes(name)))) return key;
  await checkRows(connection, settings, rows, key);
  return key;
}

async function checkRows(
  connection: Connection,
  settings: MysqlSourceSettings,
  rows: string,
  key: readonly string[],
): Promise<void> {
  const names = key.map(quoteIdentifier);
  const nulls = await connection.query(
    `SELECT 1 FROM ${rows} WHERE ${names.map(name => `${name} IS NULL`).join(' OR ')} LIMIT 1`,
  );
  if (nulls.length > 0) {
    const message = `--key ${key.join(', ')} is NULL in some rows, which would be left out`;
    throw wrong(settings, message, 'name columns that are never NULL');
  }
  const list = names.join(', ');
  const [double] = await connection.query(
    `SELECT ${list} FROM ${rows} GROUP BY ${list} HAVING COUNT(*) > 1 LIMIT 1`,
  );
  if (double === undefined) return;
  const values = Object.values(double).map(String).join(', ');
  const message = `--key ${key.join(', ')} does not tell all rows apart, so that some would be left out: there are several with ${values}`;
  throw wrong(settings, message, 'name more columns: --key COL,COL');
}

function wrong(settings: MysqlSourceSettings, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${settings.name}: ${message}`, { path: settings.name, hint });
}
