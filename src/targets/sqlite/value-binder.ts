import type { ReasonCode } from '../../core/batch.js';
import type { ObjectRecords, RowRecords } from '../../core/records.js';
import { type NoText, valueText } from '../../formats/csv/value-text.js';
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

/** Integers below it are the same as doubles, and SQLite makes them integers again in a column that wants these (it does up to 2^51). */
const SURE_INTEGER = 1e15;
const INT64_BITS = 64;

/** Binds records that exist as values: rows of a driver, objects of a transform. */
export class ValueBinder implements RowBinder<RowRecords | ObjectRecords> {
  reason: ReasonCode = 'type';
  problem = '';
  uniform = true;
  readonly #columns: readonly BoundColumn[];
  /** By the source's name of a column: its place. */
  readonly #places: ReadonlyMap<string, number>;

  constructor(columns: readonly BoundColumn[]) {
    this.#columns = columns;
    this.#places = new Map(columns.map(({ source }, place) => [source.name, place]));
  }

  bind(records: RowRecords | ObjectRecords, row: number, into: Bindable[], at: number): boolean {
    this.uniform = true;
    return records.form === 'rows'
      ? this.#bindRow(records.rows[row]!, into, at)
      : this.#bindObject(records.objects[row]!, into, at);
  }

  #bindRow(values: readonly unknown[], into: Bindable[], at: number): boolean {
    for (const [place, { source }] of this.#columns.entries()) {
      if (!this.#put(values[source.from], place, into, at)) return false;
    }
    return true;
  }

  /** A key that is missing is null. */
  #bindObject(object: { readonly [key: string]: unknown }, into: Bindable[], at: number): boolean {
    into.fill(null, at, at + this.#columns.length);
    for (const key of Object.keys(object)) {
      const place = this.#places.get(key);
      if (place === undefined) return this.#refuse('unknown_key', `the table has no column ${key}`);
      if (!this.#put(object[key], place, into, at)) return false;
    }
    return true;
  }

  #put(value: unknown, place: number, into: Bindable[], at: number): boolean {
    const column = this.#columns[place]!;
    const bindable = this.#isDeclared(value, column) ? this.#bindable(value, column) : undefined;
    if (bindable === undefined) return false;
    into[at + place] = bindable;
    return true;
  }

  #isDeclared(value: unknown, column: BoundColumn): boolean {
    const { declared, type } = column.source;
    if (!declared || type === 'text' || value === null || value === undefined) return true;
    const text = valueText(value);
    if (typeof text !== 'string') return true;
    const bytes = Buffer.from(text);
    return fits(type, bytes, 0, bytes.length) || this.#refuse('type', mismatch(column, text));
  }

  #bindable(value: unknown, column: BoundColumn): Bindable | undefined {
    if (typeof value === 'number' && Number.isFinite(value)) return this.#number(value, column);
    if (typeof value === 'bigint') return this.#bigint(value, column);
    if (value instanceof Uint8Array) {
      if (holdsIntegers(column)) this.uniform = false;
      return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    }
    const text = valueText(value);
    if (text === null) return null;
    if (typeof text === 'string') return this.#text(text, column);
    this.#refuse('type', `column ${column.name}: ${(text satisfies NoText).why}`);
    return undefined;
  }

  #number(value: number, column: BoundColumn): Bindable | undefined {
    if (column.affinity === 'text') return String(value);
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      if (holdsIntegers(column)) this.uniform = false;
      return value;
    }
    const isSure = Math.abs(value) < SURE_INTEGER;
    return isSure && (column.affinity !== 'none' || holdsIntegers(column)) ? value : BigInt(value);
  }

  #bigint(value: bigint, column: BoundColumn): Bindable | undefined {
    const { affinity } = column;
    const fitting = BigInt.asIntN(INT64_BITS, value) === value;
    return fitting && (affinity === 'none' || affinity === 'numeric')
      ? value
      : this.#text(String(value), column);
  }

  #text(text: string, column: BoundColumn): Bindable | undefined {
    const { affinity } = column;
    if (/\p{Surrogate}/u.test(text)) {
      this.#refuse('type', halfCharacter(column));
      return undefined;
    }
    if (affinity === 'numeric' || affinity === 'real') {
      const value = numericValue(text, affinity);
      if (value === undefined) this.#refuse('type', changed(column, text));
      return value;
    }
    if (holdsIntegers(column)) this.uniform = false;
    return text;
  }

  #refuse(reason: ReasonCode, problem: string): false {
    this.reason = reason;
    this.problem = problem;
    return false;
  }
}
