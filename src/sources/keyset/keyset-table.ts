import type { Column } from '../../core/columns.js';
import type { Records } from '../../core/records.js';
import type { BatchLimits } from '../../core/source.js';

/** Consecutive rows in the order of their key. Memory is reused: release it when it is settled. */
export interface KeysetPage {
  readonly records: Records;
  /** Bytes that the rows came in. */
  readonly bytes: number;
  /** The values of row `index` in the columns of the key (null if there is none), as texts that {@link KeysetTable.pages} takes. */
  keyOf(index: number): readonly string[] | null;
  /** Row `index` as a line of JSON, for people. */
  text(index: number): string;
  release(): void;
}

/** A table, or the answer to a query, whose rows are told apart and ordered by a key. */
export interface KeysetTable {
  /** In the order of the rows' values. */
  readonly columns: readonly Column[];
  /** Names of the key's columns, in its order; none if the table is read in one go. */
  readonly key: readonly string[];
  /** What identifies the table again: changes when rows of another table would come. */
  readonly identity: string;
  /** The rows behind a key (null: from the first on), as they are now. A page has at least one row and follows the limits; it is read ahead. */
  pages(after: readonly string[] | null, limits: BatchLimits, signal: AbortSignal): AsyncIterable<KeysetPage>;
  /** No rows, for an answer without any. */
  none(): KeysetPage;
  close(): Promise<void>;
}
