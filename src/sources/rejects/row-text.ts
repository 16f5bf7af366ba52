import type { Column } from '../../core/columns.js';
import { jsonText } from '../../formats/csv/json-text.js';
import { parseLossless } from '../../formats/lossless.js';

/**
 * A row of a table as the rejects keep it (CSV, a JSON array of its values or an object of them) as a row of CSV in the usual dialect. Null for a row with binary values: as
 * text they would be other values for some targets.
 */
export function rowText(raw: Buffer, columns: readonly Column[]): Buffer | null {
  const values = valuesOf(raw.toString('utf8'), columns);
  if (values === null) return raw;
  return values.some((value, i) => isBinary(value, columns[i]))
    ? null
    : Buffer.from(values.map(fieldOf).join(','));
}

/** Rows that a driver gave mark their binary values as objects; of the others the column tells. */
function isBinary(value: unknown, column: Column | undefined): boolean {
  return value !== null && (typeof value === 'object' || column?.type === 'binary');
}

/** Null for what is no JSON of a row. */
function valuesOf(text: string, columns: readonly Column[]): readonly unknown[] | null {
  if (!/^\s*[[{]/.test(text)) return null;
  try {
    const row = parseLossless(text);
    if (Array.isArray(row)) return row;
    const members = new Map(Object.entries(row as object));
    return columns.map(({ name }) => members.get(name) ?? null);
  } catch {
    return null;
  }
}

/** The empty field is null, and a text is always in quotes. */
function fieldOf(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? `"${value.replaceAll('"', '""')}"` : (jsonText(value) ?? '');
}
