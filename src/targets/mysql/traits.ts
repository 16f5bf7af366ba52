import type { TargetTraits } from '../../core/target.js';
import type { MysqlSettings } from './settings.js';

/** Each batch is a transaction: with 10,000 records a fifth of the time goes by between two (measured with MariaDB 10.11). */
const BATCH_SIZE = 50_000;

/** What can be promised of a table: with a ledger all of it. */
export function traitsOf({ ledgerDatabase }: MysqlSettings): TargetTraits {
  const rest = { batchSize: BATCH_SIZE, cells: true, fixedColumns: true };
  if (ledgerDatabase === null) {
    const because = 'with --no-ledger, batches behind the last checkpoint are written again after a crash';
    return { guarantee: 'at least once', because, ...rest };
  }
  return {
    guarantee: 'exactly once',
    because: 'each batch and its checkpoint are one transaction of the database',
    ...rest,
  };
}
