import type { OutputColumn } from '../../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { cellText } from '../cells.js';
import type { EncodeRefusal } from '../encoder.js';
import { type CsvDialect, sameDialect } from './dialect.js';
import type { FieldChecker } from './field-checker.js';
import type { CsvOutput } from './output.js';
import { wordsOf } from './words.js';

const LF = 0x0a;

/** Writes records that are bytes, in the shortest of three ways: runs of records copied whole, fields copied as they stand, or texts looked at. */
export class TextWriter {
  readonly #columns: readonly OutputColumn[];
  readonly #from: readonly number[];
  readonly #dialect: CsvDialect;
  readonly #output: CsvOutput;
  readonly #checker: FieldChecker;
  readonly #header: boolean;
  /** True if the source writes fields as the target does. */
  readonly #alike: boolean;

  constructor(
    columns: readonly OutputColumn[],
    dialect: CsvDialect,
    output: CsvOutput,
    checker: FieldChecker,
    { header, source }: { readonly header: boolean; readonly source?: CsvDialect | undefined },
  ) {
    this.#columns = columns;
    this.#from = columns.map(column => column.from);
    this.#dialect = dialect;
    this.#output = output;
    this.#checker = checker;
    this.#header = header;
    this.#alike = source !== undefined && sameDialect(source, dialect) && checker.idle;
  }

  write(records: TextRecords): readonly EncodeRefusal[] {
    if (!this.#canCopy(records)) return this.#writeTexts(records);
    if (this.#isWhole(records.width)) this.#copyRecords(records);
    else this.#copyFields(records);
    return [];
  }

  /**
   * Fields may be copied as they stand. Not where the first of them could be taken for the file's byte order mark, and not into a single column, where a
   * field without a byte would be a blank line.
   */
  #canCopy(records: TextRecords): boolean {
    if (records.syntax !== 'csv' || !this.#alike) return false;
    return this.#columns.length > 1 && (this.#header || records.ascii);
  }

  #isWhole(width: number): boolean {
    return this.#from.length === width && this.#from.every((from, i) => from === i);
  }

  /** Records that stand one behind the other with LF between them are one copy. */
  #copyRecords({ bytes, count, recordStarts, recordEnds }: TextRecords): void {
    const words = wordsOf(bytes);
    let first = 0;
    for (let r = 0; r < count; r++) {
      const end = recordEnds[r]!;
      if (r + 1 < count && recordStarts[r + 1] === end + 1 && bytes[end] === LF) continue;
      this.#output.raw(bytes, words, recordStarts[first]!, end);
      this.#output.lineEnding();
      first = r + 1;
    }
  }

  #copyFields(records: TextRecords): void {
    const { bytes, count, width, starts, ends } = records;
    const from = this.#from;
    const output = this.#output;
    const words = wordsOf(bytes);
    for (let r = 0; r < count; r++) {
      for (let c = 0; c < from.length; c++) {
        if (c > 0) output.delimiter();
        const cell = r * width + from[c]!;
        const kind = ends[cell]! >>> KIND_SHIFT;
        const quotes = kind === CellKind.bare ? 0 : 1;
        if (kind === CellKind.null) output.null();
        else output.raw(bytes, words, starts[cell]! - quotes, (ends[cell]! & END_MASK) + quotes);
      }
      output.lineEnding();
    }
  }

  #writeTexts(records: TextRecords): readonly EncodeRefusal[] {
    const output = this.#output;
    const refusals: EncodeRefusal[] = [];
    const words = wordsOf(records.bytes);
    for (let r = 0; r < records.count; r++) {
      const before = output.at;
      const refusal = this.#writeRecord(records, words, r);
      if (refusal === null) {
        output.lineEnding();
      } else {
        output.at = before;
        refusals.push(refusal);
      }
    }
    return refusals;
  }

  #writeRecord(records: TextRecords, words: DataView, index: number): EncodeRefusal | null {
    const { bytes, width, starts, ends } = records;
    const from = this.#from;
    const output = this.#output;
    const idle = this.#checker.idle;
    const escapedAlike = idle && this.#escapesAlike(records);
    for (let c = 0; c < from.length; c++) {
      if (c > 0) output.delimiter();
      const cell = index * width + from[c]!;
      const kind = ends[cell]! >>> KIND_SHIFT;
      if (kind === CellKind.null) {
        output.null();
      } else if (kind === CellKind.escaped && escapedAlike) {
        output.raw(bytes, words, starts[cell]! - 1, (ends[cell]! & END_MASK) + 1);
      } else if (kind === CellKind.escaped || !idle) {
        const refusal = this.#writeChecked(records, words, index, c);
        if (refusal !== null) return refusal;
      } else if (!output.text(bytes, words, starts[cell]!, ends[cell]! & END_MASK)) {
        return this.#refused(index, c);
      }
    }
    return null;
  }

  #escapesAlike({ syntax, quote, escape: escaping }: TextRecords): boolean {
    return syntax === 'csv' && quote === this.#dialect.quote && escaping === this.#dialect.escape;
  }

  #writeChecked(records: TextRecords, words: DataView, index: number, c: number): EncodeRefusal | null {
    const checker = this.#checker;
    const cell = index * records.width + this.#from[c]!;
    const kind = records.ends[cell]! >>> KIND_SHIFT;
    if (kind === CellKind.escaped) {
      const text = cellText(records, cell) ?? '';
      if (!checker.fitsString(c, text)) return { index, reason: 'type', message: checker.mismatch(c, text) };
      return this.#output.string(checker.harmless(text)) ? null : this.#refused(index, c);
    }
    const start = records.starts[cell]!;
    const end = records.ends[cell]! & END_MASK;
    if (!checker.fits(c, records.bytes, start, end)) {
      return {
        index,
        reason: 'type',
        message: checker.mismatch(c, records.bytes.toString('utf8', start, end)),
      };
    }
    const written =
      kind <= CellKind.quoted && checker.isFormula(records.bytes, start, end)
        ? this.#output.string(`'${records.bytes.toString('utf8', start, end)}`)
        : this.#output.text(records.bytes, words, start, end);
    return written ? null : this.#refused(index, c);
  }

  #refused(index: number, c: number): EncodeRefusal {
    return { index, reason: 'refused', message: `column ${this.#columns[c]!.name}: ${this.#output.problem}` };
  }
}
