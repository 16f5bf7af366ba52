import type { OutputColumn } from '../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type Records, type TextRecords } from '../core/records.js';
import type { Refusal } from '../core/target.js';
import { cellText } from '../formats/cells.js';
import { fits } from '../formats/types.js';

/** Records of text with a value that does not fit the declared type of its column, in order of their index. */
export function misfitsOf(records: Records, declared: readonly OutputColumn[]): Refusal[] {
  if (declared.length === 0 || records.form !== 'text') return [];
  const refused: Refusal[] = [];
  for (let index = 0; index < records.count; index++) {
    const column = declared.find(({ from, type }) => !fitsCell(records, index * records.width + from, type));
    if (column) {
      const text = cellText(records, index * records.width + column.from);
      refused.push({
        index,
        reason: 'type',
        message: `${column.name}: ${JSON.stringify(text)} is no ${column.type}`,
      });
    }
  }
  return refused;
}

function fitsCell(records: TextRecords, cell: number, type: OutputColumn['type']): boolean {
  const kind = records.ends[cell]! >>> KIND_SHIFT;
  if (kind === CellKind.null) return true;
  if (kind === CellKind.escaped) return type === 'text';
  return fits(type, records.bytes, records.starts[cell]!, records.ends[cell]! & END_MASK);
}
