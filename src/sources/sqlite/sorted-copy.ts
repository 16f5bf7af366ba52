import type { Database } from '../../sqlite/driver.js';
import { keyValue } from './key-text.js';
import { type SqliteShape, selectBehind } from './shape.js';

const TABLE = 'temp.tranche_sorted';

/**
 * Copies the rows behind a key (null: all) in its order into a temporary table, numbered from 1, and answers its shape. Without an index every page would mean to sort all rows, and a
 * statement that is sorted once and read row by row costs three times as much. The columns have no type, so that no value is changed.
 */
export function sortedCopy(
  database: Database,
  shape: SqliteShape,
  behind: readonly string[] | null,
): SqliteShape {
  const names = shape.names.map((_, index) => `c${index}`);
  database.exec(`CREATE TEMP TABLE tranche_sorted (${names.join(', ')})`);
  database
    .prepare(`INSERT INTO ${TABLE} ${selectBehind(shape, behind)}`)
    .run(...(behind ?? []).map(keyValue));
  return {
    from: TABLE,
    names,
    key: ['rowid'],
    keyIndices: [names.length],
    byRowNumber: true,
    isIndexed: true,
  };
}
