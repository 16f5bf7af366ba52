import type { Column } from '../core/columns.js';

/** Characters of a value that a message shows. */
const SHOWN = 60;

/** Says that a value does not fit the declared type of its column. */
export function misfit(column: Column, text: string): string {
  const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
  return `column ${JSON.stringify(column.name)} is declared ${column.type}, which ${JSON.stringify(shown)} is not`;
}
