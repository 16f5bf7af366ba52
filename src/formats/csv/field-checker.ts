import type { OutputColumn } from '../../core/columns.js';
import { fits } from '../types.js';

/** Characters of a value that a message shows. */
const SHOWN = 60;

/** What is asked of a field before it is written: that it fits the declared type, that no spreadsheet runs it. */
export class FieldChecker {
  /** True if there is nothing to ask. */
  readonly idle: boolean;
  readonly #columns: readonly OutputColumn[];
  readonly #typed: readonly boolean[];
  readonly #formulas: boolean;

  constructor(columns: readonly OutputColumn[], escapeFormulas: boolean) {
    this.#columns = columns;
    this.#typed = columns.map(({ declared, type }) => declared && type !== 'text');
    this.#formulas = escapeFormulas;
    this.idle = !escapeFormulas && !this.#typed.includes(true);
  }

  /** True if the text fits the type that was declared for output column `index`, or none was. */
  fits(index: number, bytes: Buffer, start: number, end: number): boolean {
    return !this.#typed[index] || fits(this.#columns[index]!.type, bytes, start, end);
  }

  /** The same for a string. */
  fitsString(index: number, text: string): boolean {
    if (!this.#typed[index]) return true;
    const bytes = Buffer.from(text);
    return fits(this.#columns[index]!.type, bytes, 0, bytes.length);
  }

  /** Why a text does not fit. */
  mismatch(index: number, text: string): string {
    const { name, type } = this.#columns[index]!;
    const shown = text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
    return `column ${name}: ${JSON.stringify(shown)} is not of type ${type}`;
  }

  /** True if a spreadsheet would run the text, and `--escape-formulas` was given. A number is no formula. */
  isFormula(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#formulas || start === end) return false;
    return beginsFormula(bytes[start]!) && !fits('decimal', bytes, start, end);
  }

  /** The text as it may be written: with a `'` in front of what {@link isFormula}. */
  harmless(text: string): string {
    if (!this.#formulas || text === '' || !beginsFormula(text.charCodeAt(0))) return text;
    const bytes = Buffer.from(text);
    return this.isFormula(bytes, 0, bytes.length) ? `'${text}` : text;
  }
}

/** `=`, `+`, `-`, `@`, tab and CR, as OWASP lists them. */
function beginsFormula(code: number): boolean {
  return code === 0x3d || code === 0x2b || code === 0x2d || code === 0x40 || code === 0x09 || code === 0x0d;
}
