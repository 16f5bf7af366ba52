import type { Checkpoint } from '../core/checkpoint.js';
import { type ErrorCode, TrancheError } from '../core/errors.js';
import { sourceKindOf } from '../sources/index.js';
import { targetKindOf } from '../targets/index.js';

/** Source and target of a run, as they are named in checkpoints. */
export interface Names {
  readonly source: string;
  readonly target: string;
}

/**
 * Positions and marks mean something to the kind of source and target alone that they are of. Throws `source_changed` or `target_changed` if a checkpoint
 * was made with another kind: the same name of a job, and another job.
 */
export function demandSameKinds({ job, source, target }: Checkpoint, now: Names): void {
  if (sourceKindOf(source.name) !== sourceKindOf(now.source))
    throw otherJob('source_changed', job, `read from ${source.name}`, now.source);
  if (targetKindOf(target.name) !== targetKindOf(now.target))
    throw otherJob('target_changed', job, `wrote to ${target.name}`, now.target);
}

function otherJob(code: ErrorCode, job: string, did: string, now: string): TrancheError {
  return new TrancheError(
    code,
    `the checkpoint is of another job ${job}: it ${did}, and this one is about ${now}`,
    {
      path: now,
      hint: 'give this one another name with --job, or start it from the beginning with --fresh',
    },
  );
}
