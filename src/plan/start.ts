import type { Checkpoint } from '../core/checkpoint.js';
import type { Column } from '../core/columns.js';
import { grouped } from '../core/grouped.js';
import type { Guarantee } from '../core/target.js';
import type { Job } from '../engine/job.js';
import type { RunState } from './state.js';

/** Tells reporters and journal that a run begins. */
export async function tellStart(job: Job, state: RunState, columns: readonly Column[]): Promise<void> {
  const { name, source, target, start, size, store, report, journal } = job;
  const resumed = start.position !== null || start.ahead.length > 0;
  report({
    type: 'started',
    job: name,
    resumed,
    source: source.name,
    target: target.name,
    ...guaranteeOf(job),
    checkpoint: store ? state.checkpointPath : null,
    counts: start.counts,
    size,
    columns: columns.map(column => `${column.name} ${column.type}`),
  });
  await journal.write(resumed ? 'resumed' : 'started', {
    source: source.name,
    target: target.name,
    read: start.counts.read,
  });
}

/** Warns where batches are cut in another way than before, and with them their idempotency keys. */
export function tellKeys({ target, settings, report }: Job, before: Checkpoint): void {
  if (!target.traits.keyedByBatch || before.batchSize === settings.batchSize) return;
  report({
    type: 'warning',
    message: `batches have ${grouped(settings.batchSize)} records now, ${grouped(before.batchSize)} before: what was in flight when the last run ended may be sent again under other idempotency keys`,
  });
}

/** What a target promises with its ledger it cannot promise without: rows that were committed are never cut back. */
function guaranteeOf({ target, store }: Job): { readonly guarantee: Guarantee; readonly because: string } {
  const { guarantee, because } = target.traits;
  if (store || !target.ledger) return { guarantee, because };
  return {
    guarantee: 'at least once',
    because: 'no checkpoint is kept, and the rows of a run that stopped stay when another begins',
  };
}
