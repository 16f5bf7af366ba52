import type { Connection } from './driver.js';
import { quoteIdentifier } from './quote.js';

/** A unique index. */
export interface UniqueIndex {
  readonly name: string;
  readonly columns: readonly string[];
  /** True if it tells all rows apart: no column may be NULL, is cut off or is an expression. */
  readonly isKey: boolean;
}

interface IndexRow {
  readonly name: string;
  readonly column_: string | null;
  readonly part: number | string | null;
  readonly nullable: string;
}

/** The unique indices of a table; the primary key comes first, then those with fewer columns. */
export async function uniqueIndices(
  connection: Connection,
  database: string,
  table: string,
): Promise<readonly UniqueIndex[]> {
  const rows = await connection.query<IndexRow>(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS column_, SUB_PART AS part, NULLABLE AS nullable FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ? AND BINARY TABLE_NAME = ? AND NON_UNIQUE = 0 ORDER BY INDEX_NAME <> 'PRIMARY', INDEX_NAME, SEQ_IN_INDEX`,
    [database, table],
  );
  const found = new Map<string, IndexRow[]>();
  for (const row of rows) found.set(row.name, [...(found.get(row.name) ?? []), row]);
  const indices = [...found].map(([name, parts]) => ({
    name,
    columns: parts.map(({ column_ }) => column_ ?? ''),
    isKey: parts.every(
      ({ column_, part, nullable }) => column_ !== null && part === null && nullable !== 'YES',
    ),
  }));
  const rank = ({ name, columns }: UniqueIndex): number => (name === 'PRIMARY' ? 0 : columns.length);
  return indices.sort((one, other) => rank(one) - rank(other));
}

/** The names of a table's columns that hold JSON: MariaDB has it as text with a check. */
export async function jsonColumns(
  connection: Connection,
  database: string,
  table: string,
): Promise<ReadonlySet<string>> {
  const [row] = await connection.query(
    `SHOW CREATE TABLE ${quoteIdentifier(database)}.${quoteIdentifier(table)}`,
  );
  const text = Object.values(row ?? {}).find(value => typeof value === 'string' && /^CREATE/.test(value));
  const checks = String(text ?? '').matchAll(/json_valid\(`((?:[^`]|``)+)`\)/gi);
  return new Set([...checks].map(match => match[1]!.replaceAll('``', '`')));
}
