import type { OutputColumn } from '../../core/columns.js';
import type { ObjectRecords, RecordObject, RowRecords, Value } from '../../core/records.js';
import type { EncodeRefusal, OutputBuffer } from '../encoder.js';
import { KeyPrefixes } from './key-prefixes.js';
import { ValueWriter } from './value-writer.js';

const hasOwn = Object.prototype.hasOwnProperty;

/** Writes rows and objects of values as lines of JSON. */
export class ValueLines {
  readonly #columns: readonly OutputColumn[];
  readonly #prefixes: KeyPrefixes;
  readonly #writer = new ValueWriter();

  constructor(columns: readonly OutputColumn[]) {
    this.#columns = columns;
    this.#prefixes = new KeyPrefixes(
      columns.filter(column => column.type === 'decimal').map(column => column.name),
    );
  }

  /** Appends a line a row, with the columns as keys. */
  encodeRows(records: RowRecords, into: OutputBuffer): EncodeRefusal[] {
    const refusals: EncodeRefusal[] = [];
    this.#writer.begin(into);
    for (let index = 0; index < records.count; index++) {
      if (this.#row(records.rows[index]!)) this.#writer.keep();
      else refusals.push(this.#refuse(index));
    }
    return refusals;
  }

  /** Appends a line an object, with the object's own enumerable keys in their order. */
  encodeObjects(records: ObjectRecords, into: OutputBuffer): EncodeRefusal[] {
    const refusals: EncodeRefusal[] = [];
    this.#writer.begin(into);
    for (let index = 0; index < records.count; index++) {
      if (this.#object(records.objects[index]!)) this.#writer.keep();
      else refusals.push(this.#refuse(index));
    }
    return refusals;
  }

  #row(row: readonly Value[]): boolean {
    const writer = this.#writer;
    for (let i = 0; i < this.#columns.length; i++) {
      const { name, from } = this.#columns[i]!;
      writer.key(this.#prefixes.at(i, name), i === 0);
      if (!writer.value(row[from])) return false;
    }
    writer.end(this.#columns.length === 0);
    return true;
  }

  #object(object: RecordObject): boolean {
    const writer = this.#writer;
    let count = 0;
    for (const key in object) {
      if (!hasOwn.call(object, key)) continue;
      writer.key(this.#prefixes.at(count, key), count === 0);
      if (!writer.value(object[key])) return false;
      count++;
    }
    writer.end(count === 0);
    return true;
  }

  #refuse(index: number): EncodeRefusal {
    return { index, reason: 'type', message: this.#writer.takeBack() };
  }
}
