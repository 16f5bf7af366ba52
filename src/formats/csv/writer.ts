import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import type { Records } from '../../core/records.js';
import type { EncodeRefusal, Encoder, OutputBuffer } from '../encoder.js';
import type { CsvDialect } from './dialect.js';
import { FieldChecker } from './field-checker.js';
import { CsvOutput } from './output.js';
import { TextWriter } from './text-writer.js';
import { ValueWriter } from './value-writer.js';
import { type WriteKernel, writeKernel } from './write-kernel.js';

/** How CSV is written, besides the dialect. */
export interface CsvEncoderOptions {
  /** Whether the file begins with the names of its columns. */
  readonly header: boolean;
  /** A text that a spreadsheet would run as a formula gets a `'` in front. */
  readonly escapeFormulas: boolean;
  /** Dialect of the text records to come, where they are CSV: the same one lets fields be copied as they stand. */
  readonly source?: CsvDialect | undefined;
}

/** Writes CSV: LF endings, quotes only where they are needed, nulls as the dialect's null text and empty strings as `""`. */
export class CsvEncoder implements Encoder {
  readonly #columns: readonly OutputColumn[];
  readonly #options: CsvEncoderOptions;
  readonly #output: CsvOutput;
  readonly #checker: FieldChecker;
  readonly #texts: TextWriter;
  readonly #values: ValueWriter;

  /** `kernel`: where it answers null, every field is written by itself. */
  constructor(
    columns: readonly OutputColumn[],
    dialect: CsvDialect,
    options: CsvEncoderOptions,
    kernel: () => WriteKernel | null = writeKernel,
  ) {
    this.#columns = columns;
    this.#options = options;
    this.#output = new CsvOutput(dialect);
    this.#checker = new FieldChecker(columns, options.escapeFormulas);
    this.#texts = new TextWriter(columns, this.#output, this.#checker, options, kernel);
    this.#values = new ValueWriter(columns, this.#output, this.#checker);
  }

  /** Throws `usage` where a dialect without quotes cannot hold a name. */
  header(): Buffer {
    if (!this.#options.header) return Buffer.alloc(0);
    const into = growing();
    this.#output.begin(into);
    this.#columns.forEach(({ name }, i) => {
      if (i > 0) this.#output.delimiter();
      if (!this.#output.string(this.#checker.harmless(name))) {
        throw new TrancheError('usage', `column ${JSON.stringify(name)}: ${this.#output.problem}`, {
          hint: 'give it another name with --rename, or leave it out with --select',
        });
      }
    });
    this.#output.lineEnding();
    this.#output.finish();
    return into.bytes.subarray(0, into.length);
  }

  encode(records: Records, into: OutputBuffer): readonly EncodeRefusal[] {
    this.#output.begin(into);
    const refusals = this.#write(records);
    this.#output.finish();
    return refusals;
  }

  #write(records: Records): readonly EncodeRefusal[] {
    switch (records.form) {
      case 'text':
        return this.#texts.write(records);
      case 'rows':
        return this.#values.writeRows(records);
      case 'objects':
        return this.#values.writeObjects(records);
      default:
        return records satisfies never;
    }
  }
}

function growing(): OutputBuffer {
  return {
    bytes: Buffer.alloc(1024),
    length: 0,
    reserve(more) {
      const larger = Buffer.alloc(2 * this.length + more);
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    },
  };
}
