import type { TargetTraits } from '../../core/target.js';
import type { MysqlSettings } from './settings.js';

/** What can be promised of a table: with a ledger all of it. */
export function traitsOf({ ledgerDatabase }: MysqlSettings): TargetTraits {
  const rest = { batchSize: 10_000, cells: true, fixedColumns: true };
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
