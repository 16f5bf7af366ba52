import type { OutputColumn } from '../../core/columns.js';
import type { Records } from '../../core/records.js';
import { cellText } from '../../formats/cells.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { FIELD_EXTRA, putQuoted } from '../../formats/csv/fields.js';
import { NoText, valueText } from '../../formats/csv/value-text.js';
import type { EncodeRefusal, OutputBuffer } from '../../formats/encoder.js';

const LF = 0x0a;

/** Records of one column, every value in quotes: a line that is `\.` alone would end the COPY. */
export class SingleColumnEncoder {
  readonly #column: OutputColumn;
  readonly #dialect: CsvDialect;
  readonly #null: Buffer;

  constructor(column: OutputColumn, dialect: CsvDialect) {
    this.#column = column;
    this.#dialect = dialect;
    this.#null = Buffer.from(dialect.nullText);
  }

  encode(records: Records, into: OutputBuffer): readonly EncodeRefusal[] {
    const refusals: EncodeRefusal[] = [];
    for (let index = 0; index < records.count; index++) {
      const text = this.#textOf(records, index);
      if (text instanceof NoText) refusals.push(this.#refused(index, text.why));
      else if (text === null) this.#append(this.#null, into);
      else if (/\p{Surrogate}/u.test(text))
        refusals.push(this.#refused(index, 'it has half a surrogate pair'));
      else this.#appendQuoted(text, into);
    }
    return refusals;
  }

  #textOf(records: Records, index: number): string | null | NoText {
    const { from, name } = this.#column;
    switch (records.form) {
      case 'text':
        return cellText(records, index * records.width + from);
      case 'rows':
        return valueText(records.rows[index]![from]);
      case 'objects': {
        const object = records.objects[index]!;
        const unknown = Object.keys(object).find(key => key !== name && object[key] !== undefined);
        if (unknown !== undefined) return new NoText(`no column is called ${JSON.stringify(unknown)}`);
        return valueText(Object.hasOwn(object, name) ? object[name] : undefined);
      }
      default:
        return records satisfies never;
    }
  }

  #appendQuoted(text: string, into: OutputBuffer): void {
    const bytes = Buffer.from(text);
    into.reserve(2 * bytes.length + FIELD_EXTRA);
    into.length = putQuoted(this.#dialect, bytes, 0, bytes.length, into.bytes, into.length);
    this.#append(Buffer.alloc(0), into);
  }

  #append(bytes: Buffer, into: OutputBuffer): void {
    into.reserve(bytes.length + 1);
    into.length += bytes.copy(into.bytes, into.length);
    into.bytes[into.length++] = LF;
  }

  #refused(index: number, why: string): EncodeRefusal {
    return { index, reason: 'refused', message: `column ${this.#column.name}: ${why}` };
  }
}
