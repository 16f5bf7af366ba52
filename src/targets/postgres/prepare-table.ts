import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { type CatalogueColumn, type CatalogueTable, describeTable } from '../../postgres/catalogue.js';
import type { PostgresConnection } from '../../postgres/connection.js';
import { serverError } from '../../postgres/errors.js';
import { demandKept, quoteIdentifier, quoteTable } from '../../postgres/sql.js';
import { type MatchedColumn, matchColumns, names } from '../tables/match-columns.js';
import { createTable } from './create-table.js';
import type { PostgresSettings } from './settings.js';

/** SQLSTATE for a key of ON CONFLICT that no unique index is about. */
const NO_UNIQUE_INDEX = '42P10';

/** A column that is written, as table and records have it. */
export type BoundColumn = MatchedColumn<CatalogueColumn>;

/** How rows get into a table. */
export interface WriteInto {
  readonly table: { readonly schema: string; readonly name: string };
  /** In the order of the records. */
  readonly columns: readonly BoundColumn[];
  readonly onConflict: PostgresSettings['onConflict'];
  /** Empty unless conflicts are to be resolved. */
  readonly key: readonly string[];
}

/**
 * Finds or makes the table and matches its columns with those of the records. To be called in a transaction. `resumed`: the job has written before, so
 * that the table must be there and keeps its rows. Null if there is no table to write and records have no columns to make one of.
 */
export async function prepareTable(
  connection: PostgresConnection,
  settings: PostgresSettings,
  columns: readonly OutputColumn[],
  resumed: boolean,
): Promise<WriteInto | null> {
  const found = await describeTable(connection, settings.table);
  if (found && found.kind !== 'r' && found.kind !== 'p') {
    throw wrong(settings, 'it is a view or a foreign table', 'name the table that the rows are to go into');
  }
  const table = resumed
    ? existing(settings, found, columns)
    : await begin(connection, settings, columns, found);
  if (!table) return null;
  const into = {
    table: { schema: table.schema, name: table.name },
    columns: columns.length === 0 ? [] : matchColumns(settings.place, table.columns, columns),
    onConflict: settings.onConflict,
    key: settings.onConflict === 'error' ? [] : keyOf(settings, table),
  };
  if (into.key.length > 0) await demandUniqueIndex(connection, settings, into);
  return into;
}

/** Asks the server whether it can find conflicts of the key: it knows which indexes are enough. */
async function demandUniqueIndex(
  connection: PostgresConnection,
  settings: PostgresSettings,
  { table, key }: WriteInto,
): Promise<void> {
  const name = quoteTable(table);
  const columns = key.map(quoteIdentifier).join(', ');
  try {
    await connection.run(
      `EXPLAIN INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${name} ON CONFLICT (${columns}) DO NOTHING`,
    );
  } catch (error) {
    if (serverError((error as TrancheError).cause)?.sqlState !== NO_UNIQUE_INDEX) throw error;
    throw wrong(
      settings,
      `no unique index of the table is about ${key.join(', ')}, which --on-conflict ${settings.onConflict} needs`,
      `make one: CREATE UNIQUE INDEX ON ${name} (${columns})`,
    );
  }
}

function existing(
  settings: PostgresSettings,
  found: CatalogueTable | null,
  columns: readonly OutputColumn[],
): CatalogueTable | null {
  if (found || columns.length === 0) return found;
  throw new TrancheError('target_changed', `${settings.place}: the table is gone that this job was writing`, {
    path: settings.place,
    hint: 'bring it back, or start from the beginning with --fresh',
  });
}

/** What `--mode` asks for. */
async function begin(
  connection: PostgresConnection,
  settings: PostgresSettings,
  columns: readonly OutputColumn[],
  found: CatalogueTable | null,
): Promise<CatalogueTable | null> {
  if (found && settings.mode === 'append') return found;
  if (found && (settings.mode === 'truncate' || columns.length === 0)) {
    await connection.run(`TRUNCATE ${quoteTable(found)}`);
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
  const columnNames = columns.map(({ name }) => name);
  demandKept('a column', columnNames, 'give it another one: --rename OLD=NEW, or leave it out with --select');
  const table = found ? { schema: found.schema, name: found.name } : settings.table;
  if (found) await connection.run(`DROP TABLE ${quoteTable(table)}`);
  await connection.run(createTable(table, columns, settings.key ?? []));
  return await describeTable(connection, table);
}

/** The columns that tell rows apart, as the table spells them: those of `--key`, else the primary key. */
function keyOf(settings: PostgresSettings, table: CatalogueTable): readonly string[] {
  const { key, onConflict } = settings;
  if (!key) {
    if (table.primaryKey.length > 0) return table.primaryKey;
    throw wrong(
      settings,
      `--on-conflict ${onConflict} needs a key, and the table has no primary key`,
      'name its columns: --key COL[,COL]',
    );
  }
  return key.map(wanted => {
    const column =
      table.columns.find(({ name }) => name === wanted) ??
      table.columns.find(({ name }) => name.toLowerCase() === wanted.toLowerCase());
    if (column) return column.name;
    throw wrong(settings, `--key: the table has no column ${wanted}`, `its columns: ${names(table.columns)}`);
  });
}

function wrong({ place }: PostgresSettings, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${place}: ${message}`, { path: place, hint });
}
