import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { type Database, quoteIdentifier } from '../../sqlite/driver.js';
import type { BoundColumn } from './bound-column.js';
import { names } from './check-columns.js';
import { describeTable, type TableDescription } from './describe-table.js';
import type { SqliteSettings } from './settings.js';
import { createTable, type InsertInto } from './statements.js';

/**
 * Finds or makes the table and matches its columns with those of the records, by name. To be called in a transaction. `resumed`: the job has written before, so that
 * the table must be there and keeps its rows. Null if there is no table to write and records have no columns to make one of.
 */
export function prepareTable(
  database: Database,
  settings: SqliteSettings,
  columns: readonly OutputColumn[],
  resumed: boolean,
): InsertInto | null {
  const found = describeTable(database, settings.table);
  if (found?.isView) {
    throw wrong(settings, 'it is a view', 'name the table that the rows are to go into');
  }
  const table = resumed ? existing(settings, found, columns) : begin(database, settings, columns, found);
  if (!table) return null;
  const key = settings.onConflict === 'error' ? [] : keyOf(settings, table);
  return {
    table: table.name,
    columns: match(settings, table, columns),
    onConflict: settings.onConflict,
    key,
  };
}

function existing(
  settings: SqliteSettings,
  found: TableDescription | null,
  columns: readonly OutputColumn[],
): TableDescription | null {
  if (found || columns.length === 0) return found;
  throw new TrancheError(
    'target_changed',
    `${place(settings)}: the table is gone that this job was writing`,
    {
      path: settings.path,
      hint: 'bring it back, or start from the beginning with --fresh',
    },
  );
}

/** What `--mode` asks for. */
function begin(
  database: Database,
  settings: SqliteSettings,
  columns: readonly OutputColumn[],
  found: TableDescription | null,
): TableDescription | null {
  if (found && settings.mode === 'append') return found;
  if (found && (settings.mode === 'truncate' || columns.length === 0)) {
    database.exec(`DELETE FROM ${quoteIdentifier(found.name)}`);
    return found;
  }
  if (columns.length === 0) return null;
  if (settings.onConflict !== 'error' && !settings.key) {
    throw wrong(
      settings,
      `--on-conflict ${settings.onConflict} needs a key`,
      'name its columns: --key COL[,COL]',
    );
  }
  if (found) database.exec(`DROP TABLE ${quoteIdentifier(found.name)}`);
  database.exec(createTable(found?.name ?? settings.table, columns, settings.key ?? []));
  return describeTable(database, settings.table);
}

function match(
  settings: SqliteSettings,
  table: TableDescription,
  columns: readonly OutputColumn[],
): readonly BoundColumn[] {
  const sources = new Map(columns.map(source => [source.name.toLowerCase(), source]));
  const bound = table.columns.flatMap(({ name, affinity }) => {
    const source = sources.get(name.toLowerCase());
    return source ? [{ name, source, affinity }] : [];
  });
  const unknown = columns.filter(source => !bound.some(column => column.source === source));
  const missing = table.columns.filter(({ name, required }) => required && !sources.has(name.toLowerCase()));
  if (unknown.length > 0 || (missing.length > 0 && columns.length > 0)) {
    const problems = [
      unknown.length > 0 ? `it has no column ${names(unknown)}` : '',
      missing.length > 0 ? `the records have no ${names(missing)}, which must not be NULL` : '',
    ].filter(problem => problem !== '');
    throw wrong(
      settings,
      `${problems.join('; ')} (the table: ${names(table.columns)}; the records: ${names(columns)})`,
      'choose and name columns with --select and --rename, or make the table anew with --mode replace',
    );
  }
  return bound;
}

/** The columns that tell rows apart, as the table spells them: those of `--key`, else the primary key. */
function keyOf(settings: SqliteSettings, table: TableDescription): readonly string[] {
  const { key, onConflict } = settings;
  const found = key
    ? table.columns.filter(({ name }) => key.some(wanted => wanted.toLowerCase() === name.toLowerCase()))
    : table.columns.filter(({ inPrimaryKey }) => inPrimaryKey);
  if (found.length > 0) return found.map(({ name }) => name);
  throw wrong(
    settings,
    `--on-conflict ${onConflict} needs a key, and the table has no primary key`,
    'name its columns: --key COL[,COL]',
  );
}

/** The error for a key that no unique index is about, which SQLite finds when it prepares the statement. */
export function noUniqueIndex(settings: SqliteSettings, { table, key }: InsertInto): TrancheError {
  const columns = key.map(quoteIdentifier).join(', ');
  return wrong(
    settings,
    `no unique index of the table is about ${key.join(', ')}, which --on-conflict ${settings.onConflict} needs`,
    `make one: CREATE UNIQUE INDEX ${quoteIdentifier(`${table}_key`)} ON ${quoteIdentifier(table)} (${columns})`,
  );
}

function place({ path, table }: SqliteSettings): string {
  return `${path}#${table}`;
}

function wrong(settings: SqliteSettings, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${place(settings)}: ${message}`, { path: settings.path, hint });
}
