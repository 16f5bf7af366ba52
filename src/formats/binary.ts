import type { TextRecords } from '../core/records.js';
import { cellText } from './cells.js';

const hexadecimal = /^(?:\\x)?((?:[0-9a-fA-F]{2})*)$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes that a text tells: in JSON in base 64; elsewhere in pairs of hexadecimal digits, perhaps behind `\x`. Null if it tells none. */
export function bytesOfText(text: string, syntax: TextRecords['syntax']): Buffer | null {
  if (syntax === 'json') return base64.test(text) ? Buffer.from(text, 'base64') : null;
  const digits = hexadecimal.exec(text)?.[1];
  return digits === undefined ? null : Buffer.from(digits, 'hex');
}

/** The bytes of a cell of a binary column that is not null. */
export function bytesOfCell(records: TextRecords, cell: number): Buffer | null {
  return bytesOfText(cellText(records, cell) ?? '', records.syntax);
}
