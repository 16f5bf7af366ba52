import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { quoteIdentifier } from '../../mysql/quote.js';
import { matchColumns } from '../tables/match-columns.js';
import type { TableDescription } from './describe-table.js';
import { type MysqlSettings, nameOf } from './settings.js';
import { type BoundColumn, tableName } from './statements.js';

/** The columns to fill. Throws `usage` with both sides if a column is unknown to the table, or one that it needs is missing. */
export function bindColumns(
  settings: MysqlSettings,
  table: TableDescription,
  columns: readonly OutputColumn[],
): readonly BoundColumn[] {
  if (columns.length === 0) return [];
  return matchColumns(nameOf(settings), table.columns, columns).map(({ column, source }) => ({
    name: column.name,
    source,
    rule: column.rule,
    notNull: column.notNull && !column.numbersItself,
  }));
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
      `make one: ALTER TABLE ${tableName(settings.database, table.name)} ADD UNIQUE (${columns})`,
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
