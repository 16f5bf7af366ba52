import type { TargetTraits } from '../../core/target.js';
import type { PostgresSettings } from './settings.js';

/** What a table promises, with a ledger and without. */
export function traitsOf({ ledger }: PostgresSettings): TargetTraits {
  const common = { batchSize: 10_000, cells: true, fixedColumns: true };
  return ledger === false
    ? {
        guarantee: 'at least once',
        because: 'without a ledger nobody knows whether the batch behind the checkpoint was committed',
        ...common,
      }
    : {
        guarantee: 'exactly once',
        because: 'each batch and its checkpoint are one transaction of the database',
        ...common,
      };
}
