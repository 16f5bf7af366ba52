import { join } from 'node:path';
import type { OutputColumn } from '#tranche/core/columns.js';
import type { Records } from '#tranche/core/records.js';
import type { OpenTarget, Written } from '#tranche/core/target.js';
import { openDatabase } from '#tranche/sqlite/driver.js';
import type { SqliteSettings } from '#tranche/targets/sqlite/settings.js';
import { SqliteTarget } from '#tranche/targets/sqlite/sqlite-target.js';
import { type CsvCell, csvRecords } from './csv-records.js';
import { columnsOf, opening, writing } from './target-calls.js';
import { temporaryDirectory } from './temporary.js';

/** A path for a database of its own. */
export async function newDatabase(sql?: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'shop.db');
  if (sql !== undefined) await execute(path, sql);
  return path;
}

/** Runs SQL by another connection. */
export async function execute(path: string, sql: string): Promise<void> {
  const database = await openDatabase(path);
  database.exec(sql).close();
}

/** The rows of a query, by another connection; integers are `bigint`, so that they differ from reals. */
export async function query(path: string, sql: string): Promise<unknown[][]> {
  const database = await openDatabase(path, { existing: true });
  try {
    return database.prepare(sql).raw().safeIntegers().all() as unknown[][];
  } finally {
    database.close();
  }
}

/** A target of table `t`. */
export function tableTarget(path: string, settings: Partial<SqliteSettings> = {}): SqliteTarget {
  return new SqliteTarget({ path, table: 't', mode: 'append', onConflict: 'error', key: null, ...settings });
}

/** Writes rows of CSV into table `t` as a whole job, and answers what became of them. */
export async function load(
  path: string,
  columns: readonly string[],
  rows: readonly (readonly CsvCell[])[],
  settings: Partial<SqliteSettings> = {},
): Promise<Written> {
  return await loadRecords(path, columnsOf(...columns), csvRecords(rows), settings);
}

/** Writes one batch as a whole job. */
export async function loadRecords(
  path: string,
  columns: readonly OutputColumn[],
  records: Records,
  settings: Partial<SqliteSettings> = {},
  changes: Partial<OpenTarget> = {},
): Promise<Written> {
  const target = tableTarget(path, settings);
  try {
    await target.open(opening(columns, changes));
    const written = await target.write(writing(records));
    await target.close(true);
    return written;
  } finally {
    await target.close(false);
  }
}

/** Rows `from…to-1`: their number and a text. */
export function numbered(from: number, to: number): string[][] {
  return Array.from({ length: to - from }, (_, i) => [String(from + i), `row ${from + i}`]);
}
