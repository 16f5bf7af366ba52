import type { TableName } from '../core/database-url.js';
import type { PostgresConnection } from './connection.js';

/** A column of a table or of a query, as the catalogue has it. */
export interface CatalogueColumn {
  readonly name: string;
  /** As SQL writes it: `numeric(10,2)`. */
  readonly type: string;
  /** Name of the type that a domain rests on, else of the type itself: `int8`, `numeric`, `timestamptz`. */
  readonly base: string;
  /** The type's modifier, -1 for none. */
  readonly modifier: number;
  /** Values cannot be put into it: it is generated. */
  readonly generated: boolean;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
}

/** What the server has under the name of a table. */
export interface CatalogueTable {
  readonly schema: string;
  readonly name: string;
  /** `r` table, `p` partitioned table, `v` view, `m` materialised view, `f` foreign table. */
  readonly kind: string;
  readonly columns: readonly CatalogueColumn[];
  /** Columns of the primary key, in its order. */
  readonly primaryKey: readonly string[];
}

/** How the type of a column is called in `TextRecords.native`. */
export function nativeType({ base, modifier }: Pick<CatalogueColumn, 'base' | 'modifier'>): string {
  return modifier < 0 ? `postgres ${base}` : `postgres ${base} ${modifier}`;
}

const TABLE = `
SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
   AND CASE WHEN $2::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname = $2 END`;

const COLUMNS = `
WITH RECURSIVE resolved (attnum, oid, modifier) AS (
  SELECT attnum, atttypid, atttypmod FROM pg_catalog.pg_attribute
   WHERE attrelid = $1 AND attnum > 0 AND NOT attisdropped
  UNION ALL
  SELECT r.attnum, t.typbasetype, CASE WHEN r.modifier < 0 THEN t.typtypmod ELSE r.modifier END
    FROM resolved r JOIN pg_catalog.pg_type t ON t.oid = r.oid WHERE t.typtype = 'd'
)
SELECT a.attname AS name, pg_catalog.format_type(a.atttypid, a.atttypmod) AS type,
       t.typname AS base, r.modifier,
       a.attgenerated <> '' OR a.attidentity = 'a' AS generated, a.attnotnull AS not_null,
       a.atthasdef OR a.attidentity <> '' AS has_default
  FROM pg_catalog.pg_attribute a
  JOIN resolved r ON r.attnum = a.attnum
  JOIN pg_catalog.pg_type t ON t.oid = r.oid AND t.typtype <> 'd'
 WHERE a.attrelid = $1
 ORDER BY a.attnum`;

const PRIMARY_KEY = `
SELECT a.attname AS name
  FROM pg_catalog.pg_index i
  CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
 WHERE i.indrelid = $1 AND i.indisprimary
 ORDER BY k.place`;

/** Looks a table up; null if there is none of this name. Without a schema the search path decides, as in SQL. */
export async function describeTable(
  connection: PostgresConnection,
  { schema, name }: TableName,
): Promise<CatalogueTable | null> {
  const [found] = await connection.query(TABLE, [name, schema]);
  if (!found) return null;
  const columns = await connection.query(COLUMNS, [found['oid']]);
  const key = await connection.query(PRIMARY_KEY, [found['oid']]);
  return {
    schema: found['schema']!,
    name: found['name']!,
    kind: found['kind']!,
    columns: columns.map(row => ({
      name: row['name']!,
      type: row['type']!,
      base: row['base']!,
      modifier: Number(row['modifier']),
      generated: row['generated'] === 't',
      notNull: row['not_null'] === 't',
      hasDefault: row['has_default'] === 't',
    })),
    primaryKey: key.map(row => row['name']!),
  };
}
