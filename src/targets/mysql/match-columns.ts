import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { quoteIdentifier } from '../../mysql/quote.js';
import type { TableDescription } from './describe-table.js';
import { type MysqlSettings, nameOf } from './settings.js';
import { type BoundColumn, tableName } from './statements.js';

/** The columns to fill, by name, whatever their capitals. Throws `usage` with both sides if a column is unknown to the table, or one that it needs is missing. */
export function bindColumns(
  settings: MysqlSettings,
  table: TableDescription,
  columns: readonly OutputColumn[],
): readonly BoundColumn[] {
  const sources = new Map(columns.map(source => [source.name.toLowerCase(), source]));
  const bound = table.columns.flatMap(({ name, rule, notNull }) => {
    const source = sources.get(name.toLowerCase());
    return source ? [{ name, source, rule, notNull }] : [];
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

/**
 * The columns that tell rows apart, as the table spells them: those of `--key`, else the primary key. Throws `usage` unless a unique index is about them, and no other one
 * is about columns of the records: MySQL would take a conflict with that one for a conflict with the key.
 */
export function conflictKey(
  settings: MysqlSettings,
  table: TableDescription,
  bound: readonly BoundColumn[],
): readonly string[] {
  const option = `--on-conflict ${settings.onConflict}`;
  const wanted = settings.key ?? table.uniqueKeys.find(key => key.every(name => isBound(name, bound)));
  if (!wanted)
    throw wrong(
      settings,
      `${option} needs a key, and the table has none`,
      'name its columns: --key COL[,COL]',
    );
  const key = table.uniqueKeys.find(columns => isSame(columns, wanted));
  if (!key) {
    const columns = wanted.map(quoteIdentifier).join(', ');
    throw wrong(
      settings,
      `no unique index of the table is about ${wanted.join(', ')}, which ${option} needs`,
      `make one: ALTER TABLE ${tableName(settings.place.database, table.name)} ADD UNIQUE (${columns})`,
    );
  }
  const other = table.uniqueKeys.find(
    columns =>
      columns !== key && !isSame(columns, key) && columns.some(name => name === '' || isBound(name, bound)),
  );
  if (!other) return key;
  throw wrong(
    settings,
    `${option} cannot tell a conflict of ${key.join(', ')} from one of ${other.join(', ') || 'another unique index'}, which is unique as well`,
    'leave these columns out with --select, or write to a table with one unique index',
  );
}

/** Names as a message lists them. */
export function names(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => name).join(', ');
}

/** A mistake of the person, about this table. */
export function wrong(settings: MysqlSettings, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${nameOf(settings)}: ${message}`, { path: nameOf(settings), hint });
}

function isBound(name: string, bound: readonly BoundColumn[]): boolean {
  return bound.some(column => column.name.toLowerCase() === name.toLowerCase());
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  const names = new Set(one.map(name => name.toLowerCase()));
  return one.length === other.length && other.every(name => names.has(name.toLowerCase()));
}
