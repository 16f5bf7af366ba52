import type { ReasonCode } from '../../core/batch.js';
import {
  CellKind,
  END_MASK,
  KIND_SHIFT,
  type ObjectRecords,
  type Records,
  type RowRecords,
  type TextRecords,
} from '../../core/records.js';
import type { Refusal } from '../../core/target.js';
import { bytesOfCell, bytesOfText } from '../../formats/binary.js';
import { cellText } from '../../formats/cells.js';
import { valueText } from '../../formats/csv/value-text.js';
import { misfit } from '../../formats/misfit.js';
import { fits } from '../../formats/types.js';
import { LineBuffer } from './line-buffer.js';
import type { BoundColumn } from './statements.js';
import {
  areMembers,
  dateTimeText,
  isAnyInteger,
  isDateForm,
  isDateTimeForm,
  isDecimal,
  isFloating,
  isJson,
  isTimeForm,
} from './texts.js';

/** The short way through a cell, where there is one. */
const Way = { none: 0, text: 1, integer: 2 } as const;

/** Bytes of a piece: little enough for the server to begin soon. */
const PIECE_BYTES = 64 * 1024;
const none: Records = { form: 'rows', count: 0, rows: [] };
const SHOWN = 60;

/** Turns records into lines for the server, and finds those whose values the table would change. */
export class LineEncoder {
  readonly lines = new LineBuffer();
  readonly #columns: readonly BoundColumn[];
  readonly #from: Uint32Array;
  readonly #ways: Uint8Array;
  /** By the source's name of a column: its place. */
  readonly #places: ReadonlyMap<string, number>;
  #records: Records = none;
  /** The record that is put next. */
  #next = 0;
  #refused: Refusal[] = [];
  #reason: ReasonCode = 'type';
  #problem = '';

  constructor(columns: readonly BoundColumn[]) {
    this.#columns = columns;
    this.#from = Uint32Array.from(columns, ({ source }) => source.from);
    this.#ways = Uint8Array.from(columns, wayOf);
    this.#places = new Map(columns.map(({ source }, place) => [source.name, place]));
  }

  /** Begins with other records: nothing of them is in {@link lines} yet. */
  begin(records: Records): void {
    this.lines.clear();
    this.#records = records;
    this.#next = 0;
    this.#refused = [];
  }

  /** Puts the rest of the records into {@link lines}; answers those that are not among them, in order of their index. */
  finish(): readonly Refusal[] {
    while (this.#putSome());
    return this.#refused;
  }

  /** All lines in pieces, each as soon as it is made: the server can read one while the next is made. */
  *pieces(): Generator<Buffer> {
    const { lines } = this;
    for (let sent = 0; this.#putSome() || sent < lines.length; sent = lines.length) {
      yield* lines.pieces(sent, lines.length);
    }
  }

  /** Puts records until there are some more bytes; false once there is no record left. */
  #putSome(): boolean {
    const records = this.#records;
    const end = this.lines.length + PIECE_BYTES;
    while (this.#next < records.count && this.lines.length < end) {
      const index = this.#next++;
      if (this.#put(records, index)) {
        this.lines.endRow(index);
      } else {
        this.lines.dropRow();
        this.#refused.push({ index, reason: this.#reason, message: this.#problem });
      }
    }
    return this.#next < records.count;
  }

  #put(records: Records, index: number): boolean {
    switch (records.form) {
      case 'text':
        return this.#putCells(records, index);
      case 'rows':
        return this.#putRow(records, index);
      case 'objects':
        return this.#putObject(records, index);
      default:
        return records satisfies never;
    }
  }

  #putCells(records: TextRecords, row: number): boolean {
    const { bytes, starts, ends } = records;
    const { lines } = this;
    const first = row * records.width;
    const from = this.#from;
    const ways = this.#ways;
    for (let c = 0; c < from.length; c++) {
      const cell = first + from[c]!;
      const bounds = ends[cell]!;
      const kind = bounds >>> KIND_SHIFT;
      const way = ways[c]!;
      if (way !== Way.none && kind !== CellKind.escaped && kind !== CellKind.null) {
        if (way === Way.integer) {
          if (lines.integer(bytes, starts[cell]!, bounds & END_MASK)) continue;
        } else {
          lines.text(bytes, starts[cell]!, bounds & END_MASK);
          continue;
        }
      }
      if (!this.#putCell(records, cell, kind, this.#columns[c]!)) return false;
    }
    return true;
  }

  /** Any cell. */
  #putCell(records: TextRecords, cell: number, kind: number, column: BoundColumn): boolean {
    if (kind === CellKind.null) return this.#putNull(column);
    const isString = records.syntax === 'json' && (kind === CellKind.quoted || kind === CellKind.escaped);
    const start = records.starts[cell]!;
    const end = records.ends[cell]! & END_MASK;
    if (isString && column.rule.kind === 'json') {
      // A string of JSON is JSON with its quotes.
      return this.#putText(column, records.bytes, start - 1, end + 1);
    }
    if (isString && column.rule.kind === 'binary' && column.source.type === 'binary') {
      const binary = bytesOfCell(records, cell);
      if (binary) return this.#putBytes(binary, 0, binary.length);
      return this.#refuse('type', misfit(column.source, cellText(records, cell)!));
    }
    if (kind !== CellKind.escaped) return this.#putText(column, records.bytes, start, end);
    return this.#putString(column, cellText(records, cell)!);
  }

  #putRow({ rows }: RowRecords, index: number): boolean {
    const values = rows[index]!;
    for (const column of this.#columns) {
      if (!this.#putValue(column, values[column.source.from])) return false;
    }
    return true;
  }

  /** A key that is missing is null. */
  #putObject({ objects }: ObjectRecords, index: number): boolean {
    const object = objects[index]!;
    for (const key of Object.keys(object)) {
      if (!this.#places.has(key)) return this.#refuse('unknown_key', `the table has no column ${key}`);
    }
    for (const column of this.#columns) {
      const { name } = column.source;
      if (!this.#putValue(column, Object.hasOwn(object, name) ? object[name] : null)) return false;
    }
    return true;
  }

  #putValue(column: BoundColumn, value: unknown): boolean {
    if (value === null || value === undefined) return this.#putNull(column);
    if (value instanceof Uint8Array && column.rule.kind === 'binary') {
      return this.#putBytes(value, 0, value.length);
    }
    if (typeof value === 'string' && column.rule.kind === 'json' && column.source.type === 'json') {
      return this.#putString(column, isJson(value) ? value : JSON.stringify(value));
    }
    const text = valueText(value);
    if (text === null) return this.#putNull(column);
    if (typeof text === 'string') return this.#putString(column, text);
    return this.#refuse('type', `column ${column.name}: ${text.why}`);
  }

  #putString(column: BoundColumn, text: string): boolean {
    if (/\p{Surrogate}/u.test(text)) {
      return this.#refuse(
        'type',
        `column ${column.name}: it has half a surrogate pair, which is no character`,
      );
    }
    const bytes = Buffer.from(text);
    return this.#putText(column, bytes, 0, bytes.length);
  }

  #putNull(column: BoundColumn): boolean {
    if (column.notNull) return this.#refuse('constraint', `column ${column.name} must not be NULL`);
    this.lines.null();
    return true;
  }

  /** A text, as long as the column keeps it. */
  #putText(column: BoundColumn, bytes: Buffer, start: number, end: number): boolean {
    const { source } = column;
    if (source.declared && !fits(source.type, bytes, start, end)) {
      return this.#refuse('type', misfit(source, bytes.toString('utf8', start, end)));
    }
    return (
      this.#putRuled(column, bytes, start, end) ||
      this.#refuse('type', unfit(column, bytes.toString('utf8', start, end)))
    );
  }

  #putRuled({ rule, source }: BoundColumn, bytes: Buffer, start: number, end: number): boolean {
    switch (rule.kind) {
      case 'text':
      case 'json':
        return this.#copy(bytes, start, end);
      case 'binary':
        return source.type === 'binary' ? this.#putHex(bytes, start, end) : this.#putBytes(bytes, start, end);
      case 'integer':
      case 'bit':
        if (isAnyInteger(bytes, start, end)) return this.#copy(bytes, start, end);
        return rule.boolean && this.#putBoolean(bytes.toString('latin1', start, end));
      case 'decimal':
        return isDecimal(bytes, start, end, rule) && this.#copy(bytes, start, end);
      case 'double':
      case 'float':
        return isFloating(bytes, start, end, rule.kind === 'float') && this.#copy(bytes, start, end);
      case 'date':
        return isDateForm(bytes, start, end) && this.#copy(bytes, start, end);
      case 'year':
        return end - start === 4 && this.lines.integer(bytes, start, end);
      case 'time':
        return isTimeForm(bytes.toString('latin1', start, end), rule.digits) && this.#copy(bytes, start, end);
      case 'datetime':
        if (isDateTimeForm(bytes, start, end)) return this.#copy(bytes, start, end);
        return this.#putDateTime(bytes.toString('latin1', start, end), rule.digits);
      case 'enum':
        return rule.members.has(bytes.toString('utf8', start, end)) && this.#copy(bytes, start, end);
      case 'set':
        return areMembers(bytes.toString('utf8', start, end), rule.members) && this.#copy(bytes, start, end);
      default:
        return rule satisfies never;
    }
  }

  #copy(bytes: Buffer, start: number, end: number): true {
    this.lines.text(bytes, start, end);
    return true;
  }

  /** Text as the bytes that it is. */
  #putBytes(bytes: Uint8Array, start: number, end: number): true {
    this.lines.hex(bytes, start, end);
    return true;
  }

  /** Text that tells bytes by pairs of digits. */
  #putHex(bytes: Buffer, start: number, end: number): boolean {
    const binary = bytesOfText(bytes.toString('latin1', start, end), 'csv');
    return binary !== null && this.#putBytes(binary, 0, binary.length);
  }

  #putBoolean(text: string): boolean {
    if (text !== 'true' && text !== 'false') return false;
    return this.lines.integer(Buffer.from(text === 'true' ? '1' : '0'), 0, 1);
  }

  #putDateTime(text: string, digits: number): boolean {
    const kept = dateTimeText(text, digits);
    if (kept === undefined) return false;
    return this.#copy(Buffer.from(kept), 0, kept.length);
  }

  #refuse(reason: ReasonCode, problem: string): false {
    this.#reason = reason;
    this.#problem = problem;
    return false;
  }
}

function wayOf({ rule, source }: BoundColumn): number {
  if (rule.kind === 'integer') return !source.declared || source.type === 'integer' ? Way.integer : Way.none;
  return rule.kind === 'text' && (!source.declared || source.type === 'text') ? Way.text : Way.none;
}

function unfit({ name, rule }: BoundColumn, text: string): string {
  const shown = JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
  return `column ${name}: ${shown} is nothing that its type (${rule.kind}) keeps as it is`;
}
