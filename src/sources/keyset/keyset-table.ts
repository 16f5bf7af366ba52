import type { Column } from '../../core/columns.js';
import type { Records } from '../../core/records.js';

/** Consecutive rows in the order of their key. Memory is reused: release it when it is settled. */
export interface KeysetPage {
  readonly records: Records;
  /** Bytes that the rows came in. */
  readonly bytes: number;
  /** The values of row `index` in the columns of the key, as texts that {@link KeysetTable.page} takes. */
  keyOf(index: number): readonly string[];
  /** Row `index` as a line of JSON, for people. */
  text(index: number): string;
  release(): void;
}

/** A table, or the answer to a query, whose rows are told apart and ordered by a key. */
export interface KeysetTable {
  /** In the order of the rows' values. */
  readonly columns: readonly Column[];
  /** Names of the key's columns, in its order. */
  readonly key: readonly string[];
  /** What identifies the table again: changes when rows of another table would come. */
  readonly identity: string;
  /** The rows behind a key (null: from the first on), at most `limit`. An empty page is the end, a short one need not be. */
  page(after: readonly string[] | null, limit: number, signal: AbortSignal): Promise<KeysetPage>;
  close(): Promise<void>;
}
