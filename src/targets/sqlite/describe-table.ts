import { type Database, quoteText } from '../../sqlite/driver.js';
import { type Affinity, affinityOf } from './affinity.js';

/** A column that values can be put into. */
export interface TableColumn {
  readonly name: string;
  readonly affinity: Affinity;
  /** A row cannot do without a value for it. */
  readonly required: boolean;
  readonly inPrimaryKey: boolean;
}

/** What a database has under the name of a table. */
export interface TableDescription {
  /** As it was created: names are the same whatever their case. */
  readonly name: string;
  readonly isView: boolean;
  /** Without generated columns. */
  readonly columns: readonly TableColumn[];
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  readonly pk: number;
  readonly hidden: number;
}

/** Looks a table up; null if there is none of this name. */
export function describeTable(database: Database, table: string): TableDescription | null {
  const found = database
    .prepare(
      "SELECT name, type FROM sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('table', 'view')",
    )
    .get(table) as { name: string; type: string } | undefined;
  if (!found) return null;
  const rows = database.pragma(`table_xinfo(${quoteText(found.name)})`) as ColumnRow[];
  const strict = database
    .prepare("SELECT strict FROM pragma_table_list(?) WHERE schema = 'main'")
    .pluck()
    .get(found.name);
  const automatic = rowIdAlias(rows);
  const columns = rows.filter(isWritable).map(row => ({
    name: row.name,
    affinity: affinityOf(row.type, strict === 1),
    required: row.notnull !== 0 && row.dflt_value === null && row.name !== automatic,
    inPrimaryKey: row.pk > 0,
  }));
  return { name: found.name, isView: found.type === 'view', columns };
}

function isWritable({ hidden }: ColumnRow): boolean {
  return hidden === 0;
}

/** The column that SQLite fills itself: a primary key that is one INTEGER. */
function rowIdAlias(rows: readonly ColumnRow[]): string | undefined {
  const key = rows.filter(({ pk }) => pk > 0);
  return key.length === 1 && key[0]!.type.toUpperCase() === 'INTEGER' ? key[0]!.name : undefined;
}
