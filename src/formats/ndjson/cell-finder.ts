import { CellKind, KIND_SHIFT } from '../../core/records.js';
import type { RecordTable } from '../table.js';
import { KeyIndex } from './keys.js';
import type { ObjectWalk } from './object-walk.js';
import { CLOSE_OBJECT, COMMA, integerEnd, isContainer, type JsonSyntax, plainEnd, QUOTE } from './syntax.js';

const QUOTED = CellKind.quoted << KIND_SHIFT;
const ESCAPED = CellKind.escaped << KIND_SHIFT;
const NULL = CellKind.null << KIND_SHIFT;
const NUMBER = CellKind.number << KIND_SHIFT;
const LITERAL = CellKind.literal << KIND_SHIFT;
const NESTED = CellKind.nested << KIND_SHIFT;

/** Checks objects and finds the cells of their columns. */
export class CellFinder implements ObjectWalk {
  unknownKey: string | null = null;

  readonly #json: JsonSyntax;
  readonly #otherKeys: boolean;
  readonly #width: number;
  readonly #keys: KeyIndex;
  /** By column + 1, and at 0 for the first key: the column whose key came next when it was last looked up. */
  readonly #next: Uint32Array;

  /** `otherKeys`: a key that no column has is passed over. */
  constructor(columns: readonly string[], json: JsonSyntax, otherKeys: boolean) {
    this.#json = json;
    this.#otherKeys = otherKeys;
    this.#width = columns.length;
    this.#keys = new KeyIndex(columns);
    this.#next = Uint32Array.from({ length: columns.length + 1 }, (_, i) => i % columns.length);
  }

  begin(): void {}

  object(bytes: Buffer, view: DataView, start: number, table: RecordTable): number {
    const json = this.#json;
    const cells = table.count * this.#width;
    this.unknownKey = null;
    this.#clear(start, cells, table);
    let previous = 0;
    let i = json.space(bytes, start + 1);
    if (bytes[i] === CLOSE_OBJECT) return i + 1;
    for (;;) {
      let column = this.#next[previous]!;
      let value = this.#keys.match(view, i, column);
      if (value < 0) {
        value = json.key(bytes, i);
        if (value < 0) return -1;
        column = this.#find(bytes, i);
        if (column >= 0) this.#next[previous] = column;
      }
      if (column >= 0) previous = column + 1;

      if (bytes[value]! <= 0x20) value = json.space(bytes, value);
      i = column < 0 ? json.value(bytes, value) : this.#cell(bytes, value, cells + column, table);
      if (i < 0) return -1;

      if (bytes[i]! <= 0x20) i = json.space(bytes, i);
      if (bytes[i] === CLOSE_OBJECT) return i + 1;
      if (bytes[i] !== COMMA) return json.fail(i, 'expected , or }');
      i++;
      if (bytes[i]! <= 0x20) i = json.space(bytes, i);
    }
  }

  /** All cells of the record without value; with bounds that can be moved. */
  #clear(start: number, cells: number, table: RecordTable): void {
    const { starts, ends } = table;
    const end = cells + this.#width;
    for (let cell = cells; cell < end; cell++) {
      starts[cell] = start;
      ends[cell] = start | NULL;
    }
    table.plain = false;
  }

  /** The column of the key that begins (with its quote) at `start` and is known to be valid; -1 if there is none. */
  #find(bytes: Buffer, start: number): number {
    const end = this.#json.string(bytes, start + 1);
    const column = this.#keys.find(bytes, start + 1, end, this.#json.escaped);
    if (column < 0 && !this.#otherKeys) this.unknownKey ??= bytes.toString('utf8', start, end + 1);
    return column;
  }

  /** Checks the value at `start` and takes down its bounds. Answers the offset behind it, or -1. */
  #cell(bytes: Buffer, start: number, cell: number, table: RecordTable): number {
    const json = this.#json;
    const byte = bytes[start]!;
    if (byte === QUOTE) {
      let kind = QUOTED;
      let end = plainEnd(bytes, start + 1);
      if (bytes[end] !== QUOTE) {
        end = json.string(bytes, end);
        if (end < 0) return -1;
        kind = ESCAPED;
      }
      table.starts[cell] = start + 1;
      table.ends[cell] = end | kind;
      return end + 1;
    }
    let end = integerEnd(bytes, start);
    if (end < 0) end = isContainer(byte) ? json.value(bytes, start) : json.scalar(bytes, start);
    if (end < 0) return -1;
    table.starts[cell] = start;
    table.ends[cell] = end | kindOf(byte);
    return end;
  }
}

/** The kind of a valid value other than a string, by its first byte. */
function kindOf(byte: number): number {
  if (byte <= 0x39) return NUMBER;
  if (isContainer(byte)) return NESTED;
  return byte === 0x6e ? NULL : LITERAL;
}
