import type { OutputColumn } from '../../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT } from '../../core/records.js';
import { bytesOfCell } from '../binary.js';
import { cellText } from '../cells.js';
import { misfit } from '../misfit.js';
import { fits, isStringType } from '../types.js';
import { writeBase64, writeNested, writeNull, writeObjectEnd, writeShortInteger } from './pieces.js';
import { writePrefix } from './prefix.js';
import { copyBytes, writeEscapedCsv, writeText } from './text.js';
import { type Ends, TextLines } from './text-lines.js';

const QUOTE = 0x22;

/** How a column is written; `other` is everything that is not worth a way of its own. */
const Way = { text: 0, integer: 1, other: 2 } as const;

/** Writes records of CSV as lines of JSON: numbers digit for digit as they were read, everything else as strings. */
export class CsvLines extends TextLines {
  readonly #ways: Uint8Array;
  readonly #from: Uint32Array;

  constructor(columns: readonly OutputColumn[]) {
    super(columns, column => wayOf(column) === Way.text);
    this.#ways = Uint8Array.from(columns, wayOf);
    this.#from = Uint32Array.from(columns, column => column.from);
  }

  protected override line(to: Ends, first: number, at: number): number {
    const { records, bytes, source, out, target } = to;
    const { starts, ends } = records;
    const { prefixes } = this;
    let o = at;
    for (let i = 0; i < prefixes.length; i++) {
      const way = this.#ways[i]!;
      const cell = first + this.#from[i]!;
      const start = starts[cell]!;
      const bounds = ends[cell]!;
      const end = bounds & END_MASK;
      const kind = bounds >>> KIND_SHIFT;
      o = writePrefix(prefixes[i]!, target, o);
      if (kind === CellKind.null) {
        o = writeNull(target, way === Way.text ? o - 1 : o);
      } else if (way === Way.text) {
        o =
          kind === CellKind.escaped
            ? writeEscapedCsv(bytes, source, start, end, records.quote, records.escape, out, target, o)
            : writeText(bytes, source, start, end, out, target, o);
        out[o++] = QUOTE;
      } else {
        const behind = way === Way.integer ? writeShortInteger(bytes, start, end, out, o) : -1;
        o = behind >= 0 ? behind : this.#other(to, cell, this.columns[i]!, o);
        if (o < 0) return -1;
      }
    }
    return writeObjectEnd(out, o, o === at);
  }

  /** A cell with a value that has to be looked at closely. */
  #other(to: Ends, cell: number, column: OutputColumn, at: number): number {
    const { records, bytes, source, out, target } = to;
    const { type, declared } = column;
    const start = records.starts[cell]!;
    const end = records.ends[cell]! & END_MASK;
    const escaped = records.ends[cell]! >>> KIND_SHIFT === CellKind.escaped;
    if (type === 'binary') {
      const binary = bytesOfCell(records, cell);
      if (binary) return writeBase64(binary, out, at);
    }
    if (type === 'json') {
      const behind = writeNested(Buffer.from(cellText(records, cell)!), out, at);
      if (behind >= 0) return behind;
    }
    const fit = !escaped && type !== 'json' && fits(type, bytes, start, end);
    if (fit && !isStringType(type)) return copyBytes(bytes, source, start, end, out, target, at);
    if (!fit && declared) {
      this.fault = misfit(column, cellText(records, cell)!);
      return -1;
    }
    out[at] = QUOTE;
    const behind = escaped
      ? writeEscapedCsv(bytes, source, start, end, records.quote, records.escape, out, target, at + 1)
      : writeText(bytes, source, start, end, out, target, at + 1);
    out[behind] = QUOTE;
    return behind + 1;
  }
}

function wayOf(column: OutputColumn): number {
  if (column.type === 'integer') return Way.integer;
  if (column.type === 'binary') return Way.other;
  return column.type === 'text' || (isStringType(column.type) && !column.declared) ? Way.text : Way.other;
}
