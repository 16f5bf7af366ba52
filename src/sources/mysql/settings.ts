import type { MysqlPlace } from '../../mysql/place.js';
import type { Relation } from '../keyset/relation.js';

/** What is read. */
export interface MysqlSourceSettings {
  readonly place: MysqlPlace;
  readonly relation: Relation;
  /** Columns that tell rows apart; null: those of the primary key, or of a unique index. */
  readonly key: readonly string[] | null;
  /** Read without a key, in one go. */
  readonly keyless: boolean;
  /** For messages. */
  readonly name: string;
}
