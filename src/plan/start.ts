import type { Checkpoint } from '../core/checkpoint.js';
import type { Column } from '../core/columns.js';
import { grouped } from '../core/grouped.js';
import type { Guarantee } from '../core/target.js';
import type { Job } from '../engine/job.js';
import type { CopyOptionValues } from '../options.js';
import { targetDefaults } from '../targets/options.js';
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
  const { batchSize, batchBytes = settings.batchBytes } = before;
  const [now, then] = [cutsOf(settings), cutsOf({ batchSize, batchBytes })];
  if (!target.traits.keyedByBatch || now === then) return;
  report({
    type: 'warning',
    message: `batches have at most ${now} now, ${then} before: what was in flight when the last run ended may be sent again under other idempotency keys`,
  });
}

function cutsOf({ batchSize, batchBytes }: Pick<Job['settings'], 'batchSize' | 'batchBytes'>): string {
  return `${grouped(batchSize)} records and ${grouped(batchBytes)} bytes`;
}

/** Warns that what an unfinished run wrote is not taken back by a start from the beginning: it was added to what others wrote. */
export function tellLeft(
  { target, report }: Job,
  { mode, append }: CopyOptionValues,
  given: Checkpoint,
): void {
  const adds = target.ledger ? (mode ?? targetDefaults.mode) === 'append' : append === true;
  const { written } = given.counts;
  if (!adds || written === 0) return;
  report({
    type: 'warning',
    message: `${grouped(written)} ${written === 1 ? 'record' : 'records'} that the unfinished run wrote stay in ${target.name}: a start from the beginning writes them again`,
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
