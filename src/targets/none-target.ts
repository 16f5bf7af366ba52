import type { OutputColumn } from '../core/columns.js';
import type { Mark } from '../core/position.js';
import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '../core/records.js';
import type { OpenTarget, Refusal, Target, TargetTraits, WriteBatch, Written } from '../core/target.js';
import { cellText } from '../formats/cells.js';
import { fits } from '../formats/types.js';
import type { TargetKind } from './target-kind.js';

/** `none:`. */
export const noneTarget: TargetKind = {
  accepts: spec => spec === 'none:',
  options: () => ({}),
  create: async (_spec, { sourceFormat, reshaped }) => {
    const handedOn = sourceFormat === 'ndjson' && !reshaped;
    return new NoneTarget({ batchSize: 10_000, cells: !handedOn, fixedColumns: false });
  },
};

/** Takes every record, checks declared types, and writes nothing. */
export class NoneTarget implements Target {
  readonly name = 'none:';
  readonly traits: TargetTraits;
  #declared: readonly OutputColumn[] = [];

  /** `needs`: what records have to look like; those of another target for a rehearsal. */
  constructor({
    batchSize,
    cells,
    fixedColumns,
    concurrency = 1,
  }: Pick<TargetTraits, 'batchSize' | 'cells' | 'fixedColumns' | 'concurrency'>) {
    this.traits = {
      guarantee: 'nothing is written',
      because: 'records are read and checked only',
      batchSize,
      cells,
      fixedColumns,
      concurrency,
    };
  }

  async open({ mark, columns }: OpenTarget): Promise<Mark> {
    this.#declared = columns.filter(({ declared }) => declared);
    return mark ?? {};
  }

  async write({ records }: WriteBatch): Promise<Written> {
    const refused = this.#declared.length > 0 && records.form === 'text' ? this.#misfits(records) : [];
    return { mark: {}, count: records.count - refused.length, refused };
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}

  #misfits(records: TextRecords): Refusal[] {
    const refused: Refusal[] = [];
    for (let index = 0; index < records.count; index++) {
      const column = this.#declared.find(
        ({ from, type }) => !fitsCell(records, index * records.width + from, type),
      );
      if (column) {
        const text = cellText(records, index * records.width + column.from);
        refused.push({
          index,
          reason: 'type',
          message: `${column.name}: ${JSON.stringify(text)} is no ${column.type}`,
        });
      }
    }
    return refused;
  }
}

function fitsCell(records: TextRecords, cell: number, type: OutputColumn['type']): boolean {
  const kind = records.ends[cell]! >>> KIND_SHIFT;
  if (kind === CellKind.null) return true;
  if (kind === CellKind.escaped) return type === 'text';
  return fits(type, records.bytes, records.starts[cell]!, records.ends[cell]! & END_MASK);
}
