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
 * Positions and marks mean something to the kind of source and target alone that they are of, and what went into one table is not gone on with in another. Throws
 * `source_changed` or `target_changed` if a checkpoint was made with another: the same name of a job, and another job.
 */
export function demandSameJob({ job, source, target }: Checkpoint, now: Names): void {
  if (sourceKindOf(source.name) !== sourceKindOf(now.source))
    throw otherJob('source_changed', job, `read from ${source.name}`, now.source);
  const sameKind = targetKindOf(target.name) === targetKindOf(now.target);
  if (!sameKind || tableOf(target.name) !== tableOf(now.target))
    throw otherJob('target_changed', job, `wrote to ${target.name}`, now.target);
}

/** What the target told as changed is another one that was named: says so. `was`: the name in the checkpoint that the run went on from. */
export function tellOtherTarget(error: TrancheError, was: string | null, now: string): TrancheError {
  if (error.code !== 'target_changed' || was === null || was === now) return error;
  return new TrancheError(error.code, `${error.message}; the job wrote to ${was}, and is given ${now} now`, {
    ...(error.path !== undefined && { path: error.path }),
    hint: `give it the target of before, ${was}; give this copy another name with --job, or start it from the beginning with --fresh`,
    cause: error,
  });
}

/** The table in the name of a place in a database. */
function tableOf(name: string): string | undefined {
  return /^[a-z]+:.*#(.*)$/is.exec(name)?.[1];
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
