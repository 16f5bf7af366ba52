import type { OutputColumn } from '../../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { bytesOfCell } from '../binary.js';
import { cellText } from '../cells.js';
import type { EncodeRefusal } from '../encoder.js';
import { type CsvDialect, sameDialect } from './dialect.js';
import type { FieldChecker } from './field-checker.js';
import { beginsWithBom } from './fields.js';
import type { CsvOutput } from './output.js';
import type { WriteKernel } from './write-kernel.js';

const LF = 0x0a;

/** Writes records that are bytes: copied whole, field by field, or unescaped and checked, whatever they need. */
export class TextWriter {
  readonly #columns: readonly OutputColumn[];
  readonly #from: readonly number[];
  readonly #output: CsvOutput;
  readonly #checker: FieldChecker;
  readonly #header: boolean;
  readonly #kernel: () => WriteKernel | null;
  /**
   * True if fields of the source can be copied as they stand: a single one cannot, for it could be empty without being null, and make a
   * line that looks blank.
   */
  readonly #alike: boolean;

  constructor(
    columns: readonly OutputColumn[],
    output: CsvOutput,
    checker: FieldChecker,
    { header, source }: { readonly header: boolean; readonly source?: CsvDialect | undefined },
    kernel: () => WriteKernel | null,
  ) {
    this.#columns = columns;
    this.#from = columns.map(column => column.from);
    this.#output = output;
    this.#checker = checker;
    this.#header = header;
    this.#kernel = kernel;
    this.#alike =
      source !== undefined && sameDialect(source, output.dialect) && checker.idle && columns.length > 1;
  }

  /** What is written for a record depends on nothing but the record, however the batches are cut. */
  write(records: TextRecords): readonly EncodeRefusal[] {
    const alike = this.#alike && records.syntax === 'csv';
    if (!alike || !this.#isWhole(records.width)) return this.#writeFields(records, alike);
    if (!this.#header && !records.ascii) return this.#writeFields(records, alike);
    this.#copyRecords(records);
    return [];
  }

  #isWhole(width: number): boolean {
    return this.#from.length === width && this.#from.every((from, i) => from === i);
  }

  /** Records that stand one behind the other with LF between them are one copy. */
  #copyRecords({ bytes, count, recordStarts, recordEnds }: TextRecords): void {
    let first = 0;
    for (let r = 0; r < count; r++) {
      const end = recordEnds[r]!;
      if (r + 1 < count && recordStarts[r + 1] === end + 1 && bytes[end] === LF) continue;
      this.#output.raw(bytes, recordStarts[first]!, end);
      this.#output.lineEnding();
      first = r + 1;
    }
  }

  #writeFields(records: TextRecords, alike: boolean): readonly EncodeRefusal[] {
    const refusals: EncodeRefusal[] = [];
    const escapedAlike = this.#escapesAlike(records);
    const from = this.#from;
    const kernel = this.#checker.idle ? this.#kernel() : null;
    const helps = kernel?.begin({ records, from, alike, escapedAlike }, this.#output) ?? false;
    for (let r = 0; r < records.count; ) {
      if (helps) r = kernel!.write(r, this.#output);
      if (r < records.count) this.#writeRecord(records, r++, alike, refusals);
    }
    return refusals;
  }

  #escapesAlike({ syntax, quote, escape: escaping }: TextRecords): boolean {
    const { dialect } = this.#output;
    return syntax === 'csv' && quote === dialect.quote && escaping === dialect.escape;
  }

  #writeRecord(records: TextRecords, index: number, alike: boolean, refusals: EncodeRefusal[]): void {
    const before = this.#output.at;
    for (let c = 0; c < this.#columns.length; c++) {
      if (c > 0) this.#output.delimiter();
      const refusal = alike ? this.#copyField(records, index, c) : this.#writeField(records, index, c);
      if (refusal === null) continue;
      this.#output.at = before;
      refusals.push(refusal);
      return;
    }
    this.#output.lineEnding();
  }

  #copyField({ bytes, starts, ends, width }: TextRecords, index: number, c: number): EncodeRefusal | null {
    const cell = index * width + this.#from[c]!;
    const kind = ends[cell]! >>> KIND_SHIFT;
    const start = starts[cell]!;
    const end = ends[cell]! & END_MASK;
    if (kind === CellKind.null) this.#output.null();
    else if (kind !== CellKind.bare) this.#output.raw(bytes, start - 1, end + 1);
    else if (c > 0 || this.#header || !beginsWithBom(bytes, start, end)) this.#output.raw(bytes, start, end);
    else if (!this.#output.text(bytes, start, end)) return this.#refused(index, c);
    return null;
  }

  #writeField(records: TextRecords, index: number, c: number): EncodeRefusal | null {
    const { bytes } = records;
    const cell = index * records.width + this.#from[c]!;
    const kind = records.ends[cell]! >>> KIND_SHIFT;
    if (kind === CellKind.null) {
      this.#output.null();
      return null;
    }
    if (records.syntax === 'json' && this.#columns[c]!.type === 'binary') {
      const binary = bytesOfCell(records, cell);
      return binary
        ? this.#writeString(binary.toString('hex'), index, c)
        : this.#mismatch(index, c, cellText(records, cell) ?? '');
    }
    if (kind === CellKind.escaped) return this.#writeString(cellText(records, cell) ?? '', index, c);
    const start = records.starts[cell]!;
    const end = records.ends[cell]! & END_MASK;
    const isText = kind === CellKind.bare || kind === CellKind.quoted;
    if (isText && this.#checker.isFormula(bytes, start, end)) {
      return this.#writeString(bytes.toString('utf8', start, end), index, c);
    }
    if (!this.#checker.fits(c, bytes, start, end))
      return this.#mismatch(index, c, bytes.toString('utf8', start, end));
    return this.#output.text(bytes, start, end) ? null : this.#refused(index, c);
  }

  #writeString(text: string, index: number, c: number): EncodeRefusal | null {
    if (!this.#checker.fitsString(c, text)) return this.#mismatch(index, c, text);
    return this.#output.string(this.#checker.harmless(text)) ? null : this.#refused(index, c);
  }

  #mismatch(index: number, c: number, text: string): EncodeRefusal {
    return { index, reason: 'type', message: this.#checker.mismatch(c, text) };
  }

  #refused(index: number, c: number): EncodeRefusal {
    return { index, reason: 'refused', message: `column ${this.#columns[c]!.name}: ${this.#output.problem}` };
  }
}
