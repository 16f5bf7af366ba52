import type { OutputColumn } from '../../core/columns.js';
import type { Records } from '../../core/records.js';
import type { EncodeRefusal, Encoder, OutputBuffer } from '../encoder.js';
import { CsvLines } from './csv-lines.js';
import { copyRecords, JsonLines } from './json-lines.js';
import { ValueLines } from './value-lines.js';

/**
 * Writes records as NDJSON, an object a line, each line ended with a line feed.
 *
 * - CSV: numeric and boolean columns as they were read, other cells as strings, cells without value as null. What does not fit its column's
 *   type is a string if the type was inferred, a refusal if it was declared.
 * - NDJSON: whole records as they are (width 0), or the columns asked for; a key that is missing becomes null.
 * - rows: by column. Objects: with their own keys; `columns` only tells which strings are decimals, to be written as numbers.
 */
export class NdjsonEncoder implements Encoder {
  readonly #csv: CsvLines;
  readonly #json: JsonLines;
  readonly #values: ValueLines;

  constructor(columns: readonly OutputColumn[]) {
    this.#csv = new CsvLines(columns);
    this.#json = new JsonLines(columns);
    this.#values = new ValueLines(columns);
  }

  header(): Buffer {
    return Buffer.alloc(0);
  }

  encode(records: Records, into: OutputBuffer): readonly EncodeRefusal[] {
    switch (records.form) {
      case 'text':
        if (records.syntax === 'csv') return this.#csv.encode(records, into);
        if (records.width > 0) return this.#json.encode(records, into);
        copyRecords(records, into);
        return [];
      case 'rows':
        return this.#values.encodeRows(records, into);
      case 'objects':
        return this.#values.encodeObjects(records, into);
      default:
        return records satisfies never;
    }
  }
}
