import type { ReasonCode } from '../../core/batch.js';
import type { CopyPlan } from '../plan.js';

/** Which rejects to send again, and how: the options of the job, changed where they are to be. */
export interface RetryPlan extends CopyPlan {
  /** The job whose rejects they are; it has to be finished. */
  readonly job: string;
  /** Only rejects with these reasons. */
  readonly reasons?: readonly ReasonCode[] | undefined;
  /** A file that was exported and edited: only its records, as they are there. */
  readonly from?: string | undefined;
}

/** The plan of the run: rejects go behind what is in the target, whatever the job did with it at its beginning, and fail again without stopping the others. */
export function runPlan({ reasons: _, from: __, ...plan }: RetryPlan): CopyPlan {
  return {
    ...plan,
    resume: true,
    fresh: undefined,
    dryRun: undefined,
    checkpoint: undefined,
    onChange: undefined,
    rejects: undefined,
    skip: undefined,
    limit: undefined,
    overwrite: undefined,
    append: undefined,
    mode: 'append',
    maxErrors: plan.maxErrors ?? { percent: 100 },
  };
}
