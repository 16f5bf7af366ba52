import type { MysqlPlace } from '../../mysql/place.js';

/** What is read. */
export interface MysqlSourceSettings {
  readonly place: MysqlPlace;
  readonly from:
    | { readonly kind: 'table'; readonly database: string; readonly table: string }
    | { readonly kind: 'query'; readonly sql: string };
  /** Columns that tell rows apart; null: those of the primary key, or of a unique index. */
  readonly key: readonly string[] | null;
  /** For messages. */
  readonly name: string;
}
