import type { TableName } from '../../core/database-url.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import type { ConnectionSettings } from '../../postgres/settings.js';

/** How a table of PostgreSQL is written. */
export interface PostgresSettings {
  /** As a person would name it, without secrets. */
  readonly place: string;
  readonly connection: ConnectionSettings;
  readonly table: TableName;
  /** What happens, when the job begins, to rows that are there: kept, deleted, or the table made anew. A missing table is created. */
  readonly mode: 'append' | 'truncate' | 'replace';
  /** For a row whose key exists: refuse it, leave it out (it counts as written), or put its values into the row that is there. */
  readonly onConflict: 'error' | 'ignore' | 'update';
  /** Columns that tell rows apart; null: the primary key of a table that exists. */
  readonly key: readonly string[] | null;
  /** Schema of the ledger; null: that of the table. False: no ledger is kept. */
  readonly ledger: { readonly schema: string | null } | false;
  /** Dialect of the text records to come, if they are CSV. */
  readonly dialect: CsvDialect | null;
}
