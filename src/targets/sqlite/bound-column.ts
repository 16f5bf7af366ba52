import type { OutputColumn } from '../../core/columns.js';
import type { Affinity } from './affinity.js';

/** A column of the table, and where its values come from. */
export interface BoundColumn {
  /** As the table spells it. */
  readonly name: string;
  readonly source: OutputColumn;
  readonly affinity: Affinity;
}

/** What SQLite is handed. A `number` becomes REAL; see {@link holdsIntegers} for integers. */
export type Bindable = null | number | bigint | string | Buffer;

/**
 * True for a column without a type that is filled with integers. The driver hands every `number` on as a double, and such a column would keep it so; a
 * statement with a CAST makes integers of a whole column of numbers, which costs less than a `bigint` a cell.
 */
export function holdsIntegers(column: BoundColumn): boolean {
  return column.affinity === 'none' && column.source.type === 'integer';
}

const SHOWN = 60;

/** A text as a message shows it. */
export function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

/** Why a text was refused that is not of the declared type. */
export function mismatch(column: BoundColumn, text: string): string {
  return `column ${column.name}: ${shown(text)} is not of type ${column.source.type}`;
}

/** Why a text was refused that the column would turn into another number. */
export function changed(column: BoundColumn, text: string): string {
  return `column ${column.name}: ${shown(text)} would be stored as ${Number(text)}; a column of type TEXT keeps it`;
}

/** Why a text was refused that UTF-8 has no bytes for. */
export function halfCharacter(column: BoundColumn): string {
  return `column ${column.name}: it has half a surrogate pair, which is no character`;
}
