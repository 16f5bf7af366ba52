import { uniqueIndices } from '../../mysql/catalogue.js';
import type { Connection } from '../../mysql/driver.js';
import { quoteIdentifier } from '../../mysql/quote.js';
import { badKey, keyColumns, noKey } from '../keyset/relation.js';
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
  const { place, relation, key } = settings;
  const indices =
    relation.kind === 'table'
      ? await uniqueIndices(connection, relation.table.schema ?? place.database, relation.table.name)
      : [];
  const known = indices.filter(({ isKey }) => isKey).map(index => index.columns);
  if (key === null) {
    if (known[0]) return known[0];
    throw noKey(settings.name);
  }
  const wanted = keyColumns(settings.name, key, columns).map(place => columns[place]!);
  if (known.some(index => index.every(name => wanted.includes(name)))) return wanted;
  await checkRows(connection, settings, rows, wanted);
  return wanted;
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
  if (nulls.length > 0) throw badKey(settings.name, key, 'it is NULL in some rows');
  const list = names.join(', ');
  const [double] = await connection.query(
    `SELECT ${list} FROM ${rows} GROUP BY ${list} HAVING COUNT(*) > 1 LIMIT 1`,
  );
  if (double === undefined) return;
  const values = Object.values(double).map(String).join(', ');
  throw badKey(settings.name, key, `there are several rows with ${values}`);
}
