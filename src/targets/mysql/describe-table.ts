import { jsonColumns, uniqueIndices } from '../../mysql/catalogue.js';
import type { Connection } from '../../mysql/driver.js';
import { type ColumnRule, columnRule } from './column-rule.js';

/** A column of a table. */
export interface TableColumn {
  readonly name: string;
  readonly rule: ColumnRule;
  readonly generated: boolean;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** It counts up where no value, or NULL, is put in. */
  readonly numbersItself: boolean;
}

/** What a database has under the name of a table. */
export interface TableDescription {
  readonly name: string;
  readonly isView: boolean;
  readonly engine: string;
  /** Whether what is written can be taken back. */
  readonly isTransactional: boolean;
  readonly columns: readonly TableColumn[];
  /** Columns of each unique index; the primary key's comes first. */
  readonly uniqueKeys: readonly (readonly string[])[];
}

interface FoundTable {
  readonly name: string;
  readonly type: string;
  readonly engine: string | null;
  readonly transactions: string | null;
}

interface FoundColumn {
  readonly name: string;
  readonly type: string;
  readonly whole: string;
  readonly nullable: string;
  readonly fallback: string | null;
  readonly extra: string;
  readonly precision_: number | string | null;
  readonly scale: number | string | null;
  readonly fraction: number | string | null;
}

/** Looks a table up; null if there is none of this name. */
export async function describeTable(
  connection: Connection,
  database: string,
  table: string,
): Promise<TableDescription | null> {
  const found = await findTable(connection, database, table);
  if (!found) return null;
  const columns = await connection.query<FoundColumn>(
    `SELECT COLUMN_NAME AS name, DATA_TYPE AS type, COLUMN_TYPE AS whole, IS_NULLABLE AS nullable, COLUMN_DEFAULT AS fallback,
      EXTRA AS extra, NUMERIC_PRECISION AS precision_, NUMERIC_SCALE AS scale, DATETIME_PRECISION AS fraction
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND BINARY TABLE_NAME = ? ORDER BY ORDINAL_POSITION`,
    [database, found.name],
  );
  const json = await jsonColumns(connection, database, found.name);
  return {
    name: found.name,
    isView: found.type !== 'BASE TABLE',
    engine: found.engine ?? 'none',
    isTransactional: found.transactions === 'YES',
    columns: columns.map(column => tableColumn(column, json)),
    uniqueKeys: (await uniqueIndices(connection, database, found.name)).map(index => index.columns),
  };
}

async function findTable(
  connection: Connection,
  database: string,
  table: string,
): Promise<FoundTable | null> {
  const tables = await connection.query<FoundTable & { readonly folded: number | string }>(
    `SELECT t.TABLE_NAME AS name, t.TABLE_TYPE AS type, t.ENGINE AS engine, e.TRANSACTIONS AS transactions,
      @@lower_case_table_names AS folded
     FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
     WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ?`,
    [database, table],
  );
  const exact = tables.find(({ name }) => name === table);
  // Unless the server folds them, names that differ in capitals are different tables.
  return exact ?? tables.find(({ folded }) => Number(folded) !== 0) ?? null;
}

function tableColumn(column: FoundColumn, json: ReadonlySet<string>): TableColumn {
  const { name, nullable, fallback, extra } = column;
  const type = {
    name: column.type.toLowerCase(),
    whole: column.whole,
    precision: numberOrNull(column.precision_),
    scale: numberOrNull(column.scale),
    fractionDigits: numberOrNull(column.fraction),
  };
  const numbersItself = extra.toLowerCase().includes('auto_increment');
  return {
    name,
    rule: json.has(name) ? { kind: 'json' } : columnRule(type),
    // `DEFAULT_GENERATED` says that a default is an expression.
    generated: /GENERATED|VIRTUAL|PERSISTENT/i.test(extra.replace(/DEFAULT_GENERATED/gi, '')),
    notNull: nullable === 'NO',
    hasDefault: fallback !== null || numbersItself || /DEFAULT_GENERATED/i.test(extra),
    numbersItself,
  };
}

function numberOrNull(value: number | string | null): number | null {
  return value === null ? null : Number(value);
}
