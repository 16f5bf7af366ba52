import type { OutputColumn } from '../core/columns.js';
import type { RecordObject, TextRecords } from '../core/records.js';
import { cellValue } from './cells.js';
import { parseLossless } from './lossless.js';

/** Makes objects of records: a key a column, in the order of the columns. */
export class ObjectReader {
  readonly #columns: readonly OutputColumn[];
  /** Copied for each record: cheaper than adding key after key, and `__proto__` is a key like any other in it. */
  readonly #template: RecordObject;

  constructor(columns: readonly OutputColumn[]) {
    this.#columns = columns;
    this.#template = templateOf(columns);
  }

  /** Record `index` as an object. */
  read(records: TextRecords, index: number): RecordObject {
    const object = { ...this.#template };
    const first = index * records.width;
    const columns = this.#columns;
    for (let i = 0; i < columns.length; i++) {
      const column = columns[i]!;
      object[column.name] = cellValue(records, first + column.from, column.type);
    }
    return object;
  }
}

/** All records as objects. */
export function recordObjects(records: TextRecords, columns: readonly OutputColumn[]): RecordObject[] {
  const reader = new ObjectReader(columns);
  const objects: RecordObject[] = [];
  for (let i = 0; i < records.count; i++) objects.push(reader.read(records, i));
  return objects;
}

/** A record of JSON text with all the keys it has, whatever the columns are; numbers keep their digits. */
export function recordObjectFromJson(records: TextRecords, index: number): RecordObject {
  const encoding = records.ascii ? 'latin1' : 'utf8';
  const text = records.bytes.toString(encoding, records.recordStarts[index], records.recordEnds[index]);
  return parseLossless(text) as RecordObject;
}

function templateOf(columns: readonly OutputColumn[]): RecordObject {
  const template = JSON.parse(
    `{${columns.map(c => `${JSON.stringify(c.name)}:null`).join()}}`,
  ) as RecordObject;
  // Every kind of value once, so that the engine does not have to change the object's layout later.
  for (const sample of [1, 0.5, '', null]) {
    for (const { name } of columns) template[name] = sample;
  }
  return template;
}
