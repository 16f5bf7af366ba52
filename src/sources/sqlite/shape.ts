import type { Column, ColumnType } from '../../core/columns.js';
import { type Database, quoteIdentifier, quoteText, sqliteError } from '../../sqlite/driver.js';
import { badKey, keyColumns, noKey, type Relation } from '../keyset/relation.js';

/** Rows that types are inferred from. */
const SAMPLE_ROWS = 10_000;

/** What is read of a database file. */
export interface SqliteSourceSettings {
  readonly path: string;
  /** As a person would name it. */
  readonly place: string;
  readonly relation: Relation;
  /** Columns that tell rows apart; null: those of a key that the schema knows, else the number that SQLite gives each row. */
  readonly key: readonly string[] | null;
  /** Read without a key, in one snapshot. */
  readonly keyless: boolean;
}

/** What is known of the table or query. */
export interface SqliteShape {
  readonly from: string;
  readonly names: readonly string[];
  /** Names of the key's columns, as SQL takes them. */
  readonly key: readonly string[];
  /** Where they are among the columns that are read; the one behind the last is the row's number. */
  readonly keyIndices: readonly number[];
  /** The key is the number of the row, which VACUUM may change. */
  readonly byRowNumber: boolean;
  /** The table is kept in the order of the key, or has an index in it. */
  readonly isIndexed: boolean;
}

interface IndexRow {
  readonly name: string;
  readonly unique: number;
  readonly partial: number;
}

/** Columns and key. Throws `usage` if there is no key, or if the one that was given is none. */
export function shapeOf(database: Database, settings: SqliteSourceSettings): SqliteShape {
  const { relation, place, path } = settings;
  const from =
    relation.kind === 'table' ? quoteIdentifier(relation.table.name) : `(${relation.sql}\n) AS tranche_query`;
  try {
    const names = database
      .prepare(`SELECT * FROM ${from}`)
      .columns()
      .map(({ name }) => name);
    const base = { from, names, byRowNumber: false, isIndexed: false };
    if (settings.keyless) return { ...base, key: [], keyIndices: [] };
    const known = relation.kind === 'table' ? knownKey(database, relation.table.name, names) : null;
    const given = settings.key && keyColumns(place, settings.key, names);
    if (given && String(given) !== String(known)) return checked(database, place, base, given);
    if (known) {
      const key = known.map(index => quoteIdentifier(names[index]!));
      return { ...base, key, keyIndices: known, isIndexed: true };
    }
    const number = relation.kind === 'table' ? rowNumber(database, from, names) : null;
    if (number === null) throw noKey(place);
    return { ...base, key: [number], keyIndices: [names.length], byRowNumber: true, isIndexed: true };
  } catch (error) {
    throw sqliteError('read', path, error);
  }
}

/** The statement for the rows behind a key (null: all), in its order, with the number of each behind them where that is the key. */
export function selectBehind(
  { from, key, byRowNumber }: SqliteShape,
  behind: readonly string[] | null,
): string {
  const where =
    behind === null || key.length === 0
      ? ''
      : ` WHERE (${key.join(', ')}) > (${key.map(() => '?').join(', ')})`;
  const order = key.length === 0 ? '' : ` ORDER BY ${key.join(', ')}`;
  return `SELECT *${byRowNumber ? `, ${key[0]}` : ''} FROM ${from}${where}${order}`;
}

/** Names with the narrowest types that the values of a sample have: SQLite's own say little. */
export function columnsOf(database: Database, { from, names }: SqliteShape): Column[] {
  const types = new Array<ColumnType | null>(names.length).fill(null);
  const rows = database.prepare(`SELECT * FROM ${from} LIMIT ${SAMPLE_ROWS}`).raw().safeIntegers();
  for (const row of rows.iterate() as IterableIterator<unknown[]>) {
    for (let i = 0; i < names.length; i++) types[i] = common(types[i]!, typeOf(row[i]));
  }
  return names.map((name, i) => ({ name, type: types[i] ?? 'text', declared: false }));
}

function typeOf(value: unknown): ColumnType | null {
  if (value === null) return null;
  if (typeof value === 'bigint') return 'integer';
  if (typeof value === 'number') return 'real';
  return value instanceof Uint8Array ? 'binary' : 'text';
}

function common(one: ColumnType | null, other: ColumnType | null): ColumnType | null {
  if (one === null || other === null || one === other) return one ?? other;
  const numbers = [one, other].every(type => type === 'integer' || type === 'real');
  return numbers ? 'real' : 'text';
}

/** The primary key or a unique index whose columns are all NOT NULL. An INTEGER PRIMARY KEY is never NULL. */
function knownKey(database: Database, table: string, names: readonly string[]): readonly number[] | null {
  const columns = database.pragma(`table_info(${quoteText(table)})`) as {
    name: string;
    type: string;
    notnull: number;
    pk: number;
  }[];
  const withoutRowId = database.prepare('SELECT wr FROM pragma_table_list(?)').pluck().get(table) === 1;
  const primary = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const isRowId = primary.length === 1 && primary[0]!.type.toUpperCase() === 'INTEGER';
  const found = new Set(columns.filter(({ notnull }) => notnull !== 0).map(({ name }) => name));
  const asIndices = (key: readonly string[]): readonly number[] => key.map(name => names.indexOf(name));
  if (primary.length > 0 && (isRowId || withoutRowId || primary.every(({ name }) => found.has(name)))) {
    return asIndices(primary.map(({ name }) => name));
  }
  for (const index of database.pragma(`index_list(${quoteText(table)})`) as IndexRow[]) {
    if (!index.unique || index.partial) continue;
    const key = (database.pragma(`index_info(${quoteText(index.name)})`) as { name: string | null }[]).map(
      ({ name }) => name,
    );
    if (key.every((name): name is string => name !== null && found.has(name))) return asIndices(key);
  }
  return null;
}

/** The name under which the number of a row can be had; null if there is none, or if columns hide it. */
function rowNumber(database: Database, from: string, names: readonly string[]): string | null {
  const taken = new Set(names.map(name => name.toLowerCase()));
  for (const name of ['rowid', '_rowid_', 'oid']) {
    if (taken.has(name)) continue;
    try {
      database.prepare(`SELECT ${name} FROM ${from}`);
      return name;
    } catch {
      return null;
    }
  }
  return null;
}

function checked(
  database: Database,
  place: string,
  base: Omit<SqliteShape, 'key' | 'keyIndices'>,
  indices: readonly number[],
): SqliteShape {
  const key = indices.map(index => quoteIdentifier(base.names[index]!));
  const names = indices.map(index => base.names[index]!);
  const missing = key.map(name => `${name} IS NULL`).join(' OR ');
  if (database.prepare(`SELECT 1 FROM ${base.from} WHERE ${missing} LIMIT 1`).get() !== undefined)
    throw badKey(place, names, 'it is NULL in some rows');
  const doubles = `SELECT 1 FROM ${base.from} GROUP BY ${key.join(', ')} HAVING count(*) > 1 LIMIT 1`;
  if (database.prepare(doubles).get() !== undefined) throw badKey(place, names, 'several rows have the same');
  return { ...base, key, keyIndices: indices };
}
