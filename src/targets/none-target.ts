import type { OutputColumn } from '../core/columns.js';
import type { Mark } from '../core/position.js';
import type { OpenTarget, Target, TargetTraits, WriteBatch, Written } from '../core/target.js';
import { misfitsOf } from './misfits.js';
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
  readonly name: string;
  readonly traits: TargetTraits;
  #declared: readonly OutputColumn[] = [];

  /** What records have to look like, and the name, are those of another target for a rehearsal. */
  constructor(
    {
      batchSize,
      cells,
      fixedColumns,
      concurrency = 1,
    }: Pick<TargetTraits, 'batchSize' | 'cells' | 'fixedColumns' | 'concurrency'>,
    name = 'none:',
  ) {
    this.name = name;
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

  async write({ records, demandWhole }: WriteBatch): Promise<Written> {
    const refused = misfitsOf(records, this.#declared);
    demandWhole(refused);
    return { mark: {}, count: records.count - refused.length, refused };
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {}
}
