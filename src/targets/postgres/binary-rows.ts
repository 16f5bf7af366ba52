import { CellKind, KIND_SHIFT, type RowRecords, type TextRecords, type Value } from '../../core/records.js';
import { bytesOfCell } from '../../formats/binary.js';
import { cellText } from '../../formats/cells.js';

const BACKSLASH = 0x5c;

/** Bytes as bytea takes them. */
export function withHexadecimal({ count, rows }: RowRecords): RowRecords {
  const text = (value: Value): Value =>
    value instanceof Uint8Array
      ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
      : value;
  return { form: 'rows', count, rows: rows.map(row => row.map(text)) };
}

/** Whether every cell of these columns tells bytes as bytea takes them: PostgreSQL wrote them so. */
export function areBytea(records: TextRecords, columns: readonly number[]): boolean {
  if (records.syntax === 'json') return columns.length === 0;
  for (const column of columns) {
    for (let row = 0, cell = column; row < records.count; row++, cell += records.width) {
      const isNull = records.ends[cell]! >>> KIND_SHIFT === CellKind.null;
      if (!isNull && records.bytes[records.starts[cell]!] !== BACKSLASH) return false;
    }
  }
  return true;
}

/** Records as rows: bytes in these columns, texts in the others. */
export function asRows(records: TextRecords, columns: readonly number[]): RowRecords {
  const isBinary = new Set(columns);
  const rows = Array.from({ length: records.count }, (_, row) =>
    Array.from({ length: records.width }, (_, column): Value => {
      const cell = row * records.width + column;
      const text = cellText(records, cell);
      return text !== null && isBinary.has(column) ? (bytesOfCell(records, cell) ?? text) : text;
    }),
  );
  return { form: 'rows', count: records.count, rows };
}
