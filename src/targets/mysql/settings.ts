import { tableText } from '../../core/database-url.js';
import type { MysqlPlace } from '../../mysql/place.js';

/** How a table is written. */
export interface MysqlSettings {
  readonly place: MysqlPlace;
  /** Database of the table: that of the URL unless the table is named with another. */
  readonly database: string;
  readonly table: string;
  /** What happens, when the job begins, to rows that are there: kept, deleted, or the table made anew. A missing table is created. */
  readonly mode: 'append' | 'truncate' | 'replace';
  /** For a row whose key exists: refuse it, leave it out (it counts as written), or put its values into the row that is there. */
  readonly onConflict: 'error' | 'ignore' | 'update';
  /** Columns that tell rows apart; null: the primary key of a table that exists. */
  readonly key: readonly string[] | null;
  /** Database of the table `tranche_ledger`; null: without a ledger. */
  readonly ledgerDatabase: string | null;
}

/** `mysql://user@host/database#table`: for messages. */
export function nameOf({ place, database, table }: MysqlSettings): string {
  return `${place.name}#${tableText({ schema: database === place.database ? null : database, name: table })}`;
}
