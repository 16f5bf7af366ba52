import { resolve } from 'node:path';
import type Sqlite from 'better-sqlite3';
import { TrancheError } from '../core/errors.js';
import { sqliteError } from './errors.js';

export { sqliteError };

/** An open connection. */
export type Database = Sqlite.Database;
/** A prepared statement. */
export type Statement = Sqlite.Statement;

/** How a database file is opened. */
export interface OpenDatabase {
  /** Reads only; the file must exist. */
  readonly readonly?: boolean;
  /** The file must exist, though it may be written. */
  readonly existing?: boolean;
  /**
   * Milliseconds that a statement waits (and the whole program with it) for another connection's lock.
   * Default 0.
   */
  readonly busyTimeout?: number;
}

/**
 * Opens a database file, which is created where it is missing unless `how` says otherwise. A path is always a
 * file: `:memory:` and `file:` mean nothing here. Loads the driver the first time. Rejects with a {@link
 * TrancheError} that names the path.
 */
export async function openDatabase(path: string, how: OpenDatabase = {}): Promise<Database> {
  if (/\s$|\0/.test(path)) {
    throw new TrancheError('usage', `cannot open ${JSON.stringify(path)}: SQLite reads no such file name`, {
      operation: 'open',
      path,
      hint: 'give the database a name that does not end in white space',
    });
  }
  const { default: Connection } = await import('better-sqlite3');
  try {
    return new Connection(resolve(path), {
      readonly: how.readonly ?? false,
      fileMustExist: how.existing ?? false,
      timeout: how.busyTimeout ?? 0,
    });
  } catch (error) {
    throw sqliteError('open', path, error);
  }
}

/** A name of a table or column as SQL takes it, whatever characters it has: `say "hi"` → `"say ""hi"""`. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text as an SQL literal, for the few places where SQL takes no parameter: `it's` → `'it''s'`. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
