import { CellKind, KIND_SHIFT, type TextRecords } from '#tranche/core/records.js';

/** A cell of CSV as its bytes are written: bare, or in quotes; null for one without value. */
export type CsvCell = string | null | { readonly quoted: string };

/** Records of CSV text made of cells, as a scanner would have found them. Quotes inside `quoted` stand as they are in the file. */
export function csvRecords(rows: readonly (readonly CsvCell[])[], escaping = '"'): TextRecords {
  const cells = rows.flat();
  const starts = new Uint32Array(cells.length);
  const ends = new Uint32Array(cells.length);
  const recordStarts = new Uint32Array(rows.length);
  const recordEnds = new Uint32Array(rows.length);
  const width = rows[0]?.length ?? 0;
  let text = '';
  for (const [index, cell] of cells.entries()) {
    if (index % width === 0) recordStarts[index / width] = Buffer.byteLength(text);
    const quoted = typeof cell === 'object' && cell !== null;
    const content = quoted ? cell.quoted : (cell ?? '');
    starts[index] = Buffer.byteLength(text) + (quoted ? 1 : 0);
    ends[index] = (starts[index]! + Buffer.byteLength(content)) | (kindOf(cell, escaping) << KIND_SHIFT);
    text += quoted ? `"${content}"` : content;
    const last = index % width === width - 1;
    if (last) recordEnds[(index - width + 1) / width] = Buffer.byteLength(text);
    text += last ? '\n' : ',';
  }
  const bytes = Buffer.from(text);
  const plain = cells.every(cell => cell === null || typeof cell === 'string');
  const bounds = { starts, ends, recordStarts, recordEnds };
  const head = { form: 'text', syntax: 'csv', quote: 0x22, escape: escaping.charCodeAt(0) } as const;
  return {
    ...head,
    bytes,
    ascii: bytes.every(byte => byte < 0x80),
    plain,
    count: rows.length,
    width,
    ...bounds,
  };
}

function kindOf(cell: CsvCell, escaping: string): number {
  if (cell === null) return CellKind.null;
  if (typeof cell === 'string') return CellKind.bare;
  return cell.quoted.includes(escaping) ? CellKind.escaped : CellKind.quoted;
}
