import type { TableName } from '../core/database-url.js';
import type { PostgresConnection } from './connection.js';

/** A column of what is read. */
export interface ReadColumn {
  readonly name: string;
  /** As SQL writes it. */
  readonly type: string;
  /** Name of the type that a domain rests on, else of the type itself. */
  readonly base: string;
  /** The type's modifier, -1 for none. */
  readonly modifier: number;
}

const BASE = `
WITH RECURSIVE resolved (oid, base) AS (
  SELECT t.oid, t.oid FROM pg_catalog.pg_type t WHERE t.oid = ANY ($1::oid[])
  UNION ALL
  SELECT r.oid, t.typbasetype FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.base WHERE t.typtype = 'd'
)
SELECT r.oid, pg_catalog.format_type(r.oid, NULL) AS type, t.typname AS base
  FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.base AND t.typtype <> 'd'`;

const KEYS = `
SELECT i.indisprimary AS is_primary, array_to_json(array_agg(a.attname ORDER BY k.place)) AS columns
  FROM pg_catalog.pg_index i
  CROSS JOIN LATERAL unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY AS k (attnum, place)
  LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
 WHERE i.indrelid = $1 AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
 GROUP BY i.indexrelid, i.indisprimary
HAVING bool_and(a.attnotnull IS TRUE)
 ORDER BY i.indisprimary DESC, count(*), i.indexrelid`;

/** The columns of `from` (a table, or a query in parentheses with a name), in their order. */
export async function readColumns(connection: PostgresConnection, from: string): Promise<ReadColumn[]> {
  const fields = await connection.fields(`SELECT * FROM ${from} LIMIT 0`);
  const found = await connection.query(BASE, [fields.map(({ oid }) => oid)]);
  const types = new Map(found.map(row => [Number(row['oid']), row]));
  return fields.map(({ name, oid, modifier }) => ({
    name,
    modifier,
    type: types.get(oid)?.['type'] ?? 'text',
    base: types.get(oid)?.['base'] ?? 'text',
  }));
}

/** The sets of columns that are never NULL and tell all rows of a table apart; the primary key first. */
export async function uniqueKeys(
  connection: PostgresConnection,
  { schema, name }: TableName,
): Promise<readonly (readonly string[])[]> {
  const oid = await tableOid(connection, { schema, name });
  if (oid === null) return [];
  const rows = await connection.query(KEYS, [oid]);
  return rows.map(row => JSON.parse(row['columns']!) as string[]);
}

/** How many rows the server thinks that a table has; null if it does not know. */
export async function estimatedRows(
  connection: PostgresConnection,
  table: TableName,
): Promise<number | null> {
  const oid = await tableOid(connection, table);
  if (oid === null) return null;
  const [row] = await connection.query(
    'SELECT reltuples::bigint AS rows FROM pg_catalog.pg_class WHERE oid = $1',
    [oid],
  );
  const rows = Number(row?.['rows'] ?? -1);
  return rows > 0 ? rows : null;
}

async function tableOid(connection: PostgresConnection, { schema, name }: TableName): Promise<string | null> {
  const [row] = await connection.query(
    `SELECT c.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END`,
    [name, schema],
  );
  return row?.['oid'] ?? null;
}
