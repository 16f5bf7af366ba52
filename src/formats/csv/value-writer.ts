import type { OutputColumn } from '../../core/columns.js';
import type { ObjectRecords, RecordObject, RowRecords } from '../../core/records.js';
import type { EncodeRefusal } from '../encoder.js';
import type { FieldChecker } from './field-checker.js';
import type { CsvOutput } from './output.js';
import { NoText, valueText } from './value-text.js';

type Refusal = Omit<EncodeRefusal, 'index'>;

/** Writes records that are values: rows of a driver, objects of a transform. */
export class ValueWriter {
  readonly #columns: readonly OutputColumn[];
  readonly #names: ReadonlySet<string>;
  readonly #output: CsvOutput;
  readonly #checker: FieldChecker;

  constructor(columns: readonly OutputColumn[], output: CsvOutput, checker: FieldChecker) {
    this.#columns = columns;
    this.#names = new Set(columns.map(column => column.name));
    this.#output = output;
    this.#checker = checker;
  }

  writeRows({ rows }: RowRecords): readonly EncodeRefusal[] {
    return this.#writeAll(rows.length, index => this.#writeFields(c => rows[index]![this.#columns[c]!.from]));
  }

  writeObjects({ objects }: ObjectRecords): readonly EncodeRefusal[] {
    return this.#writeAll(objects.length, index => {
      const object = objects[index]!;
      const unknown = this.#unknownKey(object);
      if (unknown !== undefined)
        return { reason: 'unknown_key', message: `no column is called ${JSON.stringify(unknown)}` };
      return this.#writeFields(c => own(object, this.#columns[c]!.name));
    });
  }

  #writeAll(count: number, write: (index: number) => Refusal | null): readonly EncodeRefusal[] {
    const refusals: EncodeRefusal[] = [];
    for (let index = 0; index < count; index++) {
      const before = this.#output.at;
      const refusal = write(index);
      if (refusal === null) {
        this.#output.lineEnding();
      } else {
        this.#output.at = before;
        refusals.push({ index, ...refusal });
      }
    }
    return refusals;
  }

  #writeFields(value: (c: number) => unknown): Refusal | null {
    for (let c = 0; c < this.#columns.length; c++) {
      if (c > 0) this.#output.delimiter();
      const refusal = this.#writeValue(c, value(c));
      if (refusal !== null) return refusal;
    }
    return null;
  }

  #writeValue(c: number, value: unknown): Refusal | null {
    const text = valueText(value);
    if (text === null) {
      this.#output.null();
      return null;
    }
    if (text instanceof NoText) return this.#refused(c, text.why);
    if (!this.#checker.fitsString(c, text))
      return { reason: 'type', message: this.#checker.mismatch(c, text) };
    const safe = typeof value === 'string' ? this.#checker.harmless(text) : text;
    return this.#output.string(safe) ? null : this.#refused(c, this.#output.problem);
  }

  /** A key with a value that no column takes. */
  #unknownKey(object: RecordObject): string | undefined {
    for (const key of Object.keys(object)) {
      if (!this.#names.has(key) && object[key] !== undefined) return key;
    }
    return undefined;
  }

  #refused(c: number, why: string): Refusal {
    return { reason: 'refused', message: `column ${this.#columns[c]!.name}: ${why}` };
  }
}

/** What an object holds itself: a column may be called `constructor`. */
function own(object: RecordObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
