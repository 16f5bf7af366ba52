import type { OutputColumn } from '../../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { bytesOfCell } from '../binary.js';
import { cellText } from '../cells.js';
import type { OutputBuffer } from '../encoder.js';
import { misfit } from '../misfit.js';
import { fits, isStringType } from '../types.js';
import { writeNested, writeNull, writeObjectEnd } from './pieces.js';
import { writePrefix } from './prefix.js';
import { copyBytes, writeText } from './text.js';
import { type Ends, TextLines } from './text-lines.js';

const LF = 0x0a;
const QUOTE = 0x22;

/**
 * Writes chosen columns of NDJSON as NDJSON, with the bytes that their cells have: digits and escapes stay as they are, a missing key
 * becomes null. A declared type is enforced: in an integer column `"5"` becomes 5 and `"x"` is refused.
 */
export class JsonLines extends TextLines {
  constructor(columns: readonly OutputColumn[]) {
    super(columns, () => false);
  }

  protected override line(to: Ends, first: number, at: number): number {
    const { records, out, target } = to;
    let o = at;
    for (let i = 0; i < this.columns.length; i++) {
      const column = this.columns[i]!;
      const cell = first + column.from;
      o = writePrefix(this.prefixes[i]!, target, o);
      if (records.ends[cell]! >>> KIND_SHIFT === CellKind.null) o = writeNull(target, o);
      else o = column.declared ? this.#declared(to, cell, column, o) : copyCell(to, cell, o);
      if (o < 0) return -1;
    }
    return writeObjectEnd(out, o, o === at);
  }

  #declared(to: Ends, cell: number, column: OutputColumn, at: number): number {
    const { records, bytes, source, out, target } = to;
    const start = records.starts[cell]!;
    const end = records.ends[cell]! & END_MASK;
    const kind = records.ends[cell]! >>> KIND_SHIFT;
    if (column.type === 'binary') {
      if (bytesOfCell(records, cell)) return copyCell(to, cell, at);
    } else if (column.type === 'json') {
      const behind = writeNested(Buffer.from(cellText(records, cell)!), out, at);
      if (behind >= 0) return behind;
    } else if (
      column.type === 'text' ||
      (kind !== CellKind.escaped && fits(column.type, bytes, start, end))
    ) {
      if (!isStringType(column.type)) return copyBytes(bytes, source, start, end, out, target, at);
      if (isString(kind)) return copyCell(to, cell, at);
      out[at] = QUOTE;
      const behind = writeText(bytes, source, start, end, out, target, at + 1);
      out[behind] = QUOTE;
      return behind + 1;
    }
    this.fault = misfit(column, cellText(records, cell)!);
    return -1;
  }
}

/** Appends whole records as they are; neighbours in one piece. Every line ends with a line feed alone. */
export function copyRecords(records: TextRecords, into: OutputBuffer): void {
  const { bytes, count, recordStarts, recordEnds } = records;
  for (let index = 0; index < count; index++) {
    const start = recordStarts[index]!;
    while (index + 1 < count && recordStarts[index + 1] === recordEnds[index]! + 1) index++;
    const end = recordEnds[index]!;
    into.reserve(end - start + 1);
    bytes.copy(into.bytes, into.length, start, end);
    into.length += end - start + 1;
    into.bytes[into.length - 1] = LF;
  }
}

function isString(kind: number): boolean {
  return kind === CellKind.quoted || kind === CellKind.escaped;
}

/** The bytes of a cell as they are; a string with its quotes. */
function copyCell(to: Ends, cell: number, at: number): number {
  const { records, bytes, source, out, target } = to;
  const bounds = records.ends[cell]!;
  const quote = isString(bounds >>> KIND_SHIFT) ? 1 : 0;
  const start = records.starts[cell]! - quote;
  return copyBytes(bytes, source, start, (bounds & END_MASK) + quote, out, target, at);
}
