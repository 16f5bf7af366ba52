import type { OutputColumn } from '../../core/columns.js';
import { quoteIdentifier } from '../../sqlite/driver.js';
import { type BoundColumn, holdsIntegers } from './bound-column.js';

/** How a row is put into a table. */
export interface InsertInto {
  readonly table: string;
  readonly columns: readonly BoundColumn[];
  readonly onConflict: 'error' | 'ignore' | 'update';
  /** As the table spells it. */
  readonly key: readonly string[];
}

/**
 * Makes a table. A column of numbers whose type was only inferred has no type: with one, SQLite would turn a later `00501`
 * or `1.10` into another number.
 */
export function createTable(table: string, columns: readonly OutputColumn[], key: readonly string[]): string {
  const isKey = new Set(key.map(name => name.toLowerCase()));
  const definitions = columns.map(column =>
    [quoteIdentifier(column.name), typeOf(column), isKey.has(column.name.toLowerCase()) ? 'NOT NULL' : '']
      .filter(part => part !== '')
      .join(' '),
  );
  // UNIQUE and not PRIMARY KEY: an INTEGER PRIMARY KEY would turn a missing key into a number of its own.
  if (key.length > 0) definitions.push(`UNIQUE (${key.map(quoteIdentifier).join(', ')})`);
  return `CREATE TABLE ${quoteIdentifier(table)} (${definitions.join(', ')})`;
}

/** Inserts `rows` rows. `cast`: numbers in columns that hold integers are made integers. */
export function insertRows(into: InsertInto, rows: number, cast: boolean): string {
  const { table, columns } = into;
  const values = columns
    .map(column => (cast && holdsIntegers(column) ? 'CAST(? AS INTEGER)' : '?'))
    .join(',');
  const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  const tuples = new Array<string>(rows).fill(`(${values})`).join(',');
  return `INSERT INTO ${quoteIdentifier(table)} (${names}) VALUES ${tuples}${conflictClause(into)}`;
}

function conflictClause({ columns, onConflict, key }: InsertInto): string {
  if (onConflict === 'error') return '';
  const others = columns.filter(({ name }) => !key.includes(name)).map(({ name }) => quoteIdentifier(name));
  const target = ` ON CONFLICT (${key.map(quoteIdentifier).join(', ')})`;
  if (onConflict === 'ignore' || others.length === 0) return `${target} DO NOTHING`;
  return `${target} DO UPDATE SET ${others.map(name => `${name} = excluded.${name}`).join(', ')}`;
}

function typeOf({ type, declared }: OutputColumn): string {
  if (type !== 'integer' && type !== 'real') return 'TEXT';
  return declared ? type.toUpperCase() : '';
}
