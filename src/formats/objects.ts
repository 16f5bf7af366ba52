import type { OutputColumn } from '../core/columns.js';
import type { RecordObject, TextRecords, Value } from '../core/records.js';
import { cellValue } from './cells.js';
import { parseLossless } from './lossless.js';
import { spreadable } from './spreadable.js';

/** Makes objects of records: a key a column, in the order of the columns. */
export class ObjectReader {
  readonly #columns: readonly OutputColumn[];
  /** A constructor of these columns' own: the engine learns how much room its objects need, and a transform adds keys to them cheaply. */
  readonly #Row: new () => RecordObject;
  /** Where `__proto__` stands, which cannot simply be assigned; -1 if it does not. */
  readonly #proto: number;

  constructor(columns: readonly OutputColumn[]) {
    this.#columns = columns;
    this.#Row = newConstructor();
    this.#proto = columns.findIndex(({ name }) => name === '__proto__');
  }

  /** Record `index` as an object. */
  fromText(records: TextRecords, index: number): RecordObject {
    const object = spreadable(new this.#Row());
    const first = index * records.width;
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      const value = cellValue(records, first + column.from, column.type);
      if (i === this.#proto) define(object, column.name, value);
      else object[column.name] = value;
    }
    return object;
  }

  /** A row as an object. */
  fromRow(row: readonly Value[]): RecordObject {
    const object = spreadable(new this.#Row());
    for (const { name, from } of this.#columns) define(object, name, plainInteger(row[from]!));
    return object;
  }
}

/** Integers are numbers as long as these can tell them: a driver may have every one as `bigint`. */
function plainInteger(value: Value): Value {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

/** A record of JSON text with all the keys it has, whatever the columns are; numbers keep their digits. */
export function recordObjectFromJson(records: TextRecords, index: number): RecordObject {
  const encoding = records.ascii ? 'latin1' : 'utf8';
  const text = records.bytes.toString(encoding, records.recordStarts[index], records.recordEnds[index]);
  return spreadable(parseLossless(text) as RecordObject);
}

function newConstructor(): new () => RecordObject {
  function Row() {}
  Row.prototype = Object.prototype;
  return Row as unknown as new () => RecordObject;
}

function define(object: RecordObject, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
