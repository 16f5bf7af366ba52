import type { ReasonCode } from '../../core/batch.js';
import type { Bindable } from './bound-column.js';

/** Turns a record into what SQLite is handed. */
export interface RowBinder<Records> {
  /** Puts the values of record `row` at `into[at…]`, one a column; false if it is refused, for {@link reason} and {@link problem}. */
  bind(records: Records, row: number, into: Bindable[], at: number): boolean;
  /** False if the last record has, in a column that holds integers, something else. */
  readonly uniform: boolean;
  readonly reason: ReasonCode;
  readonly problem: string;
}
