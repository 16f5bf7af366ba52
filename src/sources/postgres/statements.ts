import type { ColumnType } from '../../core/columns.js';
import type { ReadColumn } from '../../postgres/relation.js';
import { quoteIdentifier, quoteTable, quoteText } from '../../postgres/sql.js';
import type { Relation } from '../keyset/relation.js';

/** What stands behind FROM. */
export function fromClause(relation: Relation): string {
  // The line ending: a query may end with a comment.
  return relation.kind === 'table' ? quoteTable(relation.table) : `(${relation.sql}\n) AS tranche_query`;
}

/** Rows behind a key, in the order of the key, as CSV; all of them, in any order, where there is no key. */
export function copyRows(
  from: string,
  columns: readonly ReadColumn[],
  key: readonly ReadColumn[],
  behind: readonly string[] | null,
): string {
  const order = key.length === 0 ? '' : ` ORDER BY ${list(key)}`;
  return `COPY (SELECT ${columns.map(selected).join(', ')} FROM ${from}${whereBehind(key, behind)}${order}) TO STDOUT WITH (FORMAT csv)`;
}

/** Answers a row if there is one behind a key. */
export function anyBehind(
  from: string,
  key: readonly ReadColumn[],
  behind: readonly string[] | null,
): string {
  return `SELECT 1 FROM ${from}${whereBehind(key, behind)} LIMIT 1`;
}

/** Rows whose key is NULL, or not theirs alone; one row `nulls`, `doubles` (rows too many). */
export function checkKey(from: string, key: readonly ReadColumn[]): string {
  const missing = key.map(({ name }) => `${quoteIdentifier(name)} IS NULL`).join(' OR ');
  return `SELECT count(*) FILTER (WHERE ${missing}) AS nulls,
    count(*) FILTER (WHERE NOT (${missing})) - count(DISTINCT (${list(key)})) FILTER (WHERE NOT (${missing})) AS doubles
    FROM ${from}`;
}

/** The type of a column's values as they are read. */
export function columnTypeOf({ base }: ReadColumn): ColumnType {
  return types[base] ?? 'text';
}

const types: Readonly<Record<string, ColumnType>> = {
  int2: 'integer',
  int4: 'integer',
  int8: 'integer',
  oid: 'integer',
  numeric: 'decimal',
  float4: 'real',
  float8: 'real',
  bool: 'boolean',
  date: 'date',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  json: 'json',
  jsonb: 'json',
  bytea: 'binary',
};

/** Booleans as words: `t` and `f` mean nothing elsewhere. */
function selected({ name, base }: ReadColumn): string {
  const column = quoteIdentifier(name);
  return base === 'bool' ? `${column}::boolean::text` : column;
}

function whereBehind(key: readonly ReadColumn[], behind: readonly string[] | null): string {
  if (behind === null || key.length === 0) return '';
  const values = key.map(({ type }, i) => `${quoteText(behind[i]!)}::${type}`);
  return ` WHERE (${list(key)}) > (${values.join(', ')})`;
}

function list(columns: readonly ReadColumn[]): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ');
}
