import type { ColumnType, OutputColumn } from '../../core/columns.js';
import type { TableName } from '../../core/database-url.js';
import { quoteIdentifier, quoteTable } from '../../postgres/sql.js';

/** `CREATE TABLE` for records of these columns. */
export function createTable(
  table: TableName,
  columns: readonly OutputColumn[],
  key: readonly string[],
): string {
  const definitions = columns.map(column => `${quoteIdentifier(column.name)} ${sqlTypeOf(column)}`);
  if (key.length > 0) definitions.push(`PRIMARY KEY (${key.map(quoteIdentifier).join(', ')})`);
  return `CREATE TABLE ${quoteTable(table)} (${definitions.join(', ')})`;
}

const types: Readonly<Record<ColumnType, string>> = {
  integer: 'bigint',
  real: 'numeric',
  decimal: 'numeric',
  boolean: 'boolean',
  date: 'date',
  timestamp: 'timestamp without time zone',
  timestamptz: 'timestamp with time zone',
  json: 'json',
  binary: 'bytea',
  text: 'text',
};

/** Only who asks for `real` gets doubles: behind a sample of `0.5` may come `1.10`, whose zero a double loses. */
function sqlTypeOf({ type, declared }: OutputColumn): string {
  return type === 'real' && declared ? 'double precision' : types[type];
}
