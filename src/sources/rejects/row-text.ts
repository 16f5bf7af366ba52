import type { Column } from '../../core/columns.js';
import { jsonText } from '../../formats/csv/json-text.js';
import { parseLossless } from '../../formats/lossless.js';

/** A row of a table as the rejects keep it (CSV, a JSON array of its values or an object of them) as a row of CSV in the usual dialect. */
export function rowText(raw: Buffer, columns: readonly Column[]): Buffer {
  const values = valuesOf(raw.toString('utf8'), columns);
  return values === null ? raw : Buffer.from(values.map(fieldOf).join(','));
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
  const text = typeof value === 'string' ? value : (jsonText(value) ?? '');
  return typeof value === 'string' || typeof value === 'object' ? `"${text.replaceAll('"', '""')}"` : text;
}
