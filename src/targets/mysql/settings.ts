import type { MysqlPlace } from '../../mysql/place.js';

/** How a table is written. */
export interface MysqlSettings {
  readonly place: MysqlPlace;
  readonly table: string;
  /** What happens, when the job begins, to rows that are there: kept, deleted, or the table made anew. A missing table is created. */
  readonly mode: 'append' | 'truncate' | 'replace';
  /** For a row whose key exists: refuse it, leave it out (it counts as written), or put its values into the row that is there. */
  readonly onConflict: 'error' | 'ignore' | 'update';
  /** Columns that tell rows apart; null: the primary key of a table that exists. */
  readonly key: readonly string[] | null;
  /** Database of the ledger; null: without a ledger. */
  readonly ledgerDatabase: string | null;
}

/** `mysql://user@host/database#table`: for messages. */
export function nameOf({ place, table }: MysqlSettings): string {
  return `${place.name}#${table}`;
}
