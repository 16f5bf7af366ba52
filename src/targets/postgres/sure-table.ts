import type { PostgresConnection } from '../../postgres/connection.js';
import { quoteTable } from '../../postgres/sql.js';
import type { WriteInto } from './prepare-table.js';
import { ruleOf } from './value-rules.js';

/** Types whose every text without NUL is kept. */
const anyText = new Set(['text', 'varchar']);

/** Whatever could make the server refuse a row for another reason than the type of a value. */
const OBSTACLES = `
SELECT 1 FROM pg_catalog.pg_class c
 WHERE c.oid = $1::regclass AND (
   c.relkind <> 'r' OR c.relrowsecurity OR c.relhasrules
   OR EXISTS (SELECT FROM pg_catalog.pg_constraint o WHERE o.conrelid = c.oid AND o.contype <> 'n')
   OR EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal)
   OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid)
   OR EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
               WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                 AND (t.typtype <> 'b' OR a.attgenerated <> ''
                      OR (NOT a.attname = ANY ($2::text[]) AND (a.atthasdef OR a.attidentity <> '')))))
 UNION ALL
SELECT 1 WHERE pg_catalog.current_setting('server_encoding') <> 'UTF8'`;

/**
 * Whether the server takes every row whose values pass the rules of their columns: a plain table without constraints, indexes, triggers and the like, of types that we know
 * all about.
 */
export async function takesEverySoundRow(
  connection: PostgresConnection,
  { table, columns, onConflict }: WriteInto,
): Promise<boolean> {
  if (onConflict !== 'error' || columns.length < 2) return false;
  const known = ({ base, modifier }: (typeof columns)[number]['column']): boolean =>
    ruleOf({ base, modifier }) !== null || (anyText.has(base) && modifier < 0);
  if (!columns.every(({ column }) => known(column))) return false;

  const names = columns.map(({ column }) => column.name);
  return (await connection.query(OBSTACLES, [quoteTable(table), names])).length === 0;
}
