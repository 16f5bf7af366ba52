import type { Column } from '../../core/columns.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../../core/records.js';
import { TypeInference } from '../../formats/types.js';

/** Records that types are inferred from. */
export const SAMPLE_RECORDS = 10_000;
/** Bytes at which a sample of very long records ends. */
export const SAMPLE_BYTES = 16 * 1024 * 1024;

/** Bytes looked at together. */
export const SAMPLE_PIECE = 1024 * 1024;

/** Infers the types of CSV columns. Quotes say nothing about the type, except that an empty field in quotes is a text. */
export class CsvSample {
  readonly #inference: TypeInference;
  readonly #width: number;
  /** Records looked at so far. */
  records = 0;

  constructor(width: number) {
    this.#width = width;
    this.#inference = new TypeInference(width);
  }

  add(records: TextRecords): void {
    const cells = records.count * this.#width;
    this.records += records.count;
    for (let i = 0; i < cells; i++) {
      const kind = records.ends[i]! >>> KIND_SHIFT;
      const column = i % this.#width;
      if (kind === CellKind.escaped) this.#inference.addText(column);
      else if (kind !== CellKind.null) {
        this.#inference.add(column, records.bytes, records.starts[i]!, records.ends[i]! & END_MASK);
      }
    }
  }

  columns(names: readonly string[]): Column[] {
    const types = this.#inference.types();
    return names.map((name, i) => ({ name, type: types[i] ?? 'text', declared: false }));
  }
}
