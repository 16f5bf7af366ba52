import type { Column } from '../core/columns.js';
import type { Job } from '../engine/job.js';
import type { JobState } from './state.js';

/** Tells reporters and journal that a run begins. */
export async function tellStart(job: Job, state: JobState, columns: readonly Column[]): Promise<void> {
  const { name, source, target, start, size, store, report, journal } = job;
  const resumed = start.position !== null;
  report({
    type: 'started',
    job: name,
    resumed,
    source: source.name,
    target: target.name,
    guarantee: target.traits.guarantee,
    because: target.traits.because,
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
