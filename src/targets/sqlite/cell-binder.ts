import type { ReasonCode } from '../../core/batch.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { bytesOfCell } from '../../formats/binary.js';
import { cellText } from '../../formats/cells.js';
import { isInteger, isReal, shortInteger, shortNumber } from '../../formats/numbers.js';
import { ShortStrings } from '../../formats/short-strings.js';
import { fits } from '../../formats/types.js';
import {
  type Bindable,
  type BoundColumn,
  changed,
  halfCharacter,
  holdsIntegers,
  mismatch,
} from './bound-column.js';
import { numericValue } from './numeric-text.js';
import type { RowBinder } from './row-binder.js';

/** The short way through a cell, where there is one. */
const Way = { none: 0, text: 1, integer: 2 } as const;

/** Binds the cells of text as they are read: without a string for a number, without an object for a record. */
export class CellBinder implements RowBinder<TextRecords> {
  readonly reason: ReasonCode = 'type';
  problem = '';
  uniform = true;
  readonly #columns: readonly BoundColumn[];
  readonly #from: Uint32Array;
  readonly #ways: Uint8Array;
  readonly #strings = new ShortStrings();

  constructor(columns: readonly BoundColumn[]) {
    this.#columns = columns;
    this.#from = Uint32Array.from(columns, ({ source }) => source.from);
    this.#ways = Uint8Array.from(columns, wayOf);
  }

  bind(records: TextRecords, row: number, into: Bindable[], at: number): boolean {
    const { bytes, starts, ends } = records;
    const first = row * records.width;
    const from = this.#from;
    const ways = this.#ways;
    this.uniform = true;
    for (let c = 0; c < from.length; c++) {
      const cell = first + from[c]!;
      const bounds = ends[cell]!;
      const kind = bounds >>> KIND_SHIFT;
      if (kind === CellKind.null) {
        into[at + c] = null;
        continue;
      }
      const way = ways[c]!;
      if (way === Way.integer && (kind === CellKind.bare || kind === CellKind.number)) {
        const number = shortInteger(bytes, starts[cell]!, bounds & END_MASK);
        if (!Number.isNaN(number)) {
          into[at + c] = number;
          continue;
        }
      } else if (way === Way.text && kind !== CellKind.escaped) {
        into[at + c] = this.#strings.get(bytes, starts[cell]!, bounds & END_MASK);
        continue;
      }
      const value = this.#value(records, cell, kind, this.#columns[c]!);
      if (value === undefined) return false;
      into[at + c] = value;
    }
    return true;
  }

  /** Any cell that has a value; undefined if it is refused. */
  #value(records: TextRecords, cell: number, kind: number, column: BoundColumn): Bindable | undefined {
    if (column.source.type === 'binary') {
      return bytesOfCell(records, cell) ?? this.#refuse(mismatch(column, cellText(records, cell)!));
    }
    if (kind === CellKind.escaped) return this.#unescaped(records, cell, column);
    const start = records.starts[cell]!;
    const end = records.ends[cell]! & END_MASK;
    const { type, declared } = column.source;
    if (declared && !fits(type, records.bytes, start, end)) {
      return this.#refuse(mismatch(column, cellText(records, cell)!));
    }
    const isString = records.syntax === 'json' && kind === CellKind.quoted;
    const number = isString ? undefined : numberIn(records.bytes, start, end, column);
    return number ?? this.#text(cellText(records, cell)!, column);
  }

  #unescaped(records: TextRecords, cell: number, column: BoundColumn): Bindable | undefined {
    const text = cellText(records, cell)!;
    if (records.syntax === 'json' && /\p{Surrogate}/u.test(text)) return this.#refuse(halfCharacter(column));
    if (column.source.declared && column.source.type !== 'text') {
      const bytes = Buffer.from(text);
      if (!fits(column.source.type, bytes, 0, bytes.length)) return this.#refuse(mismatch(column, text));
    }
    return this.#text(text, column);
  }

  #text(text: string, column: BoundColumn): Bindable | undefined {
    const { affinity } = column;
    if (affinity === 'numeric' || affinity === 'real') {
      return numericValue(text, affinity) ?? this.#refuse(changed(column, text));
    }
    if (holdsIntegers(column)) this.uniform = false;
    return text;
  }

  #refuse(problem: string): undefined {
    this.problem = problem;
  }
}

function wayOf({ source, affinity }: BoundColumn): number {
  if (source.type === 'binary') return Way.none;
  const isNumber = source.type === 'integer' || source.type === 'real';
  if (source.type === 'integer' && affinity !== 'text') return Way.integer;
  if (source.declared && source.type !== 'text') return Way.none;
  return affinity === 'text' || (affinity === 'none' && !isNumber) ? Way.text : Way.none;
}

/** The number in a cell of a column of numbers, if the table's column keeps it as one. */
function numberIn(
  bytes: Buffer,
  start: number,
  end: number,
  column: BoundColumn,
): number | bigint | undefined {
  const { affinity, source } = column;
  if (affinity === 'text' || (source.type !== 'integer' && source.type !== 'real')) return undefined;
  const short = shortNumber(bytes, start, end);
  if (isInteger(bytes, start, end)) {
    if (!Number.isNaN(short) && (affinity !== 'none' || holdsIntegers(column))) return short;
    return affinity === 'real' ? undefined : BigInt(bytes.toString('latin1', start, end));
  }
  if (source.type !== 'real' || !isReal(bytes, start, end)) return undefined;
  return Number.isNaN(short) ? Number(bytes.toString('latin1', start, end)) : short;
}
