import { TrancheError } from '../../core/errors.js';

/** A table of a database file. */
export interface SqlitePlace {
  readonly path: string;
  readonly table: string;
}

const SCHEME = 'sqlite:';

/**
 * Reads `sqlite:FILE#table`; `table` (`--table`) stands in for the part behind the last `#`, which may be left empty where the file's own name has a `#`.
 * Throws `usage` if it names no file or no table that can be written.
 */
export function parseSqliteSpec(spec: string, table?: string): SqlitePlace {
  const rest = spec.startsWith(SCHEME) ? spec.slice(SCHEME.length) : spec;
  const hash = rest.lastIndexOf('#');
  const path = hash < 0 ? rest : rest.slice(0, hash);
  const named = hash < 0 ? '' : rest.slice(hash + 1);
  if (path === '') throw wrong(spec, 'no database file is named', `write sqlite:FILE#${named || 'TABLE'}`);
  if (/^\/\/[^/]/.test(path)) {
    throw wrong(spec, 'sqlite: takes a path, not a URL', `write sqlite:${path.slice(2)}#${named || 'TABLE'}`);
  }
  if (table !== undefined && named !== '' && table !== named) {
    throw wrong(spec, `two tables are named, ${named} and ${table}`, 'leave out #table or --table');
  }
  const chosen = table ?? named;
  if (chosen === '') throw wrong(spec, 'no table is named', `write sqlite:${path}#TABLE, or give --table`);
  checkTableName(spec, chosen);
  return { path, table: chosen };
}

function checkTableName(spec: string, table: string): void {
  const reserved = /^(sqlite_|tranche_ledger$)/i.exec(table)?.[0];
  if (reserved !== undefined) {
    const owner = reserved.endsWith('_')
      ? 'SQLite keeps names that begin with sqlite_'
      : 'tranche keeps its ledger there';
    throw wrong(spec, `the table cannot be ${table}: ${owner}`, 'choose another table');
  }
  if (table.includes('\0')) throw wrong(spec, 'a table has no NUL in its name', 'choose another table');
}

function wrong(spec: string, message: string, hint: string): TrancheError {
  return new TrancheError('usage', `${spec}: ${message}`, { hint });
}
