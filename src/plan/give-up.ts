import { type Checkpoint, noCounts } from '../core/checkpoint.js';
import type { Job } from '../engine/job.js';

/**
 * The checkpoint of a start from the beginning whose target was not opened yet. It replaces that of the unfinished run before the target does
 * away with what that run wrote: a kill in between must not leave a checkpoint of something that is gone.
 */
export async function givenUp(checkpoint: Job['checkpoint']): Promise<Checkpoint> {
  const nothing = { position: null, ahead: [], mark: {}, counts: noCounts, rejects: 0, batches: 0 };
  const begun = await checkpoint(nothing, 'running', null, null);
  return { ...begun, target: { ...begun.target, mark: null } };
}

/** Whether a checkpoint is one of {@link givenUp}: what is in the target's place is of the run before, and may be replaced. */
export function isGivenUp({ target }: Checkpoint): boolean {
  return target.mark === null;
}
