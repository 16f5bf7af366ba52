import type { ReasonCode } from '../../core/batch.js';
import type { OutputColumn } from '../../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type Records, type TextRecords } from '../../core/records.js';
import type { Refusal } from '../../core/target.js';
import { bytesOfCell } from '../../formats/binary.js';
import { cellText } from '../../formats/cells.js';
import { NoText, valueText } from '../../formats/csv/value-text.js';
import { fits } from '../../formats/types.js';
import { nativeType } from '../../postgres/catalogue.js';
import type { BoundColumn } from './prepare-table.js';
import { ruleOf, type ValueRule } from './value-rules.js';

/** Characters of a value that a message shows. */
const SHOWN = 60;

/** A column whose values are looked at before they are sent. */
interface Guarded {
  readonly name: string;
  readonly type: string;
  readonly native: string;
  readonly source: OutputColumn;
  readonly notNull: boolean;
  readonly rule: ValueRule | null;
  /** The type that every value has to fit because the person said so. */
  readonly declared: OutputColumn['type'] | null;
}

/** Finds the records that must not be sent: the server would change a value, or is sure to turn it away. */
export class ColumnGuard {
  readonly #columns: readonly Guarded[];
  readonly #found = new Map<number, Refusal>();
  #allSure = false;

  constructor(columns: readonly BoundColumn[]) {
    this.#columns = columns
      .map(({ column, source }) => ({
        name: column.name,
        type: column.type,
        native: nativeType(column),
        source,
        notNull: column.notNull,
        rule: ruleOf(column),
        declared: source.declared && source.type !== 'text' ? source.type : null,
      }))
      .filter(({ notNull, rule, declared }) => notNull || rule !== null || declared !== null);
  }

  /** Whether the rules were sure of all that was checked last: the server takes these values. */
  get allSure(): boolean {
    return this.#allSure;
  }

  /** The records that are refused, in their order: one reason each. */
  check(records: Records): readonly Refusal[] {
    this.#found.clear();
    this.#allSure = records.form === 'text';
    for (const column of this.#columns) {
      if (records.form === 'text') this.#checkCells(records, column);
      else this.#checkValues(records, column);
    }
    if (this.#found.size === 0) return [];
    return [...this.#found.values()].sort((one, other) => one.index - other.index);
  }

  #checkCells(records: TextRecords, column: Guarded): void {
    const { bytes, starts, ends, width, count } = records;
    const { notNull, declared } = column;
    const isNative = declared === null && records.native?.[column.source.from] === column.native;
    if (isNative && !notNull) return;
    const rule = declared === null ? column.rule : null;
    for (let row = 0, cell = column.source.from; row < count; row++, cell += width) {
      const bounds = ends[cell]!;
      const kind = bounds >>> KIND_SHIFT;
      if (kind === CellKind.null) {
        if (notNull) this.#refuse(row, 'constraint', `column ${column.name} must not be null`);
      } else if (isNative) {
        // As another table of a server has it.
      } else if (declared === 'binary') {
        if (!bytesOfCell(records, cell)) this.#refuseType(row, column, cellText(records, cell)!);
      } else if (kind === CellKind.escaped || rule === null) {
        if (rule !== null || declared !== null || column.rule !== null)
          this.#checkText(row, column, cellText(records, cell)!);
      } else if (!rule.sure(bytes, starts[cell]!, bounds & END_MASK)) {
        this.#checkText(row, column, cellText(records, cell)!);
      }
    }
  }

  #checkValues(records: Exclude<Records, TextRecords>, column: Guarded): void {
    const { name, from } = column.source;
    for (let row = 0; row < records.count; row++) {
      const value = records.form === 'rows' ? records.rows[row]![from] : own(records.objects[row]!, name);
      if (value instanceof Uint8Array) continue;
      const text = valueText(value);
      if (text === null) {
        if (column.notNull) this.#refuse(row, 'constraint', `column ${column.name} must not be null`);
      } else if (!(text instanceof NoText)) {
        this.#checkText(row, column, text);
      }
    }
  }

  #checkText(row: number, { name, type, rule, declared }: Guarded, text: string): void {
    this.#allSure = false;
    if (declared !== null) {
      const bytes = Buffer.from(text);
      if (!fits(declared, bytes, 0, bytes.length)) {
        this.#refuseType(row, { name, declared }, text);
        return;
      }
    }
    const problem = rule?.problem(text) ?? null;
    if (problem !== null) this.#refuse(row, 'type', `column ${name} (${type}): ${shown(text)} ${problem}`);
  }

  #refuseType(row: number, { name, declared }: Pick<Guarded, 'name' | 'declared'>, text: string): void {
    this.#refuse(row, 'type', `column ${name}: ${shown(text)} is not of type ${declared}`);
  }

  #refuse(index: number, reason: ReasonCode, message: string): void {
    this.#allSure = false;
    if (!this.#found.has(index)) this.#found.set(index, { index, reason, message });
  }
}

function own(object: { readonly [key: string]: unknown }, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

function shown(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
