import { guarded, summaryOf } from './copy.js';
import type { Checkpoint } from './core/checkpoint.js';
import { TrancheError } from './core/errors.js';
import type { Summary } from './core/events.js';
import type { Location } from './core/position.js';
import type { KeptReject } from './core/reject.js';
import { formatDefaults } from './formats/options.js';
import { type CopyOptionValues, copyDefaults } from './options.js';
import { begin } from './plan/begin.js';
import { demandPlan } from './plan/check-plan.js';
import { fixedOptionsOf } from './plan/fixed-options.js';
import type { CopyHooks } from './plan/plan.js';
import { withColumns } from './plan/retry/columns.js';
import { type JobFormat, jobFormat } from './plan/retry/job-format.js';
import { openRound } from './plan/retry/open-round.js';
import { type RetryPlan, runPlan } from './plan/retry/retry-plan.js';
import { type Round, retryName, roundFiles, standing } from './plan/retry/round.js';
import { RoundState } from './plan/retry/round-state.js';
import { JobState } from './plan/state.js';
import { summaryOfNoRejects } from './plan/summary.js';
import { targetOf } from './plan/target.js';
import { demandUsed } from './plan/unused-options.js';
import { RejectsSource } from './sources/rejects/rejects-source.js';
import { CheckpointFile } from './state/checkpoint-store.js';
import { readRejects } from './state/read-rejects.js';

export type { RetryPlan } from './plan/retry/retry-plan.js';

/**
 * Sends the rejects of a finished job again through its target: a job of its own, with a checkpoint after each batch. Called again after a stop, with the same plan, it
 * goes on; with another plan it sends what is left. What fails again stays a reject, with its history.
 *
 * Rejects with a `TrancheError` if it could not begin; what goes wrong later is told by the summary, as by `copy`. Prints nothing.
 */
export async function retryRejects(plan: RetryPlan, hooks: CopyHooks = {}): Promise<Summary> {
  const began = performance.now();
  const again = runPlan(plan);
  await demandPlan(again);
  demandUsed(again);
  const report = guarded(hooks.report);
  const state = await JobState.open(plan.stateDir ?? copyDefaults.stateDir, plan.job, 'checkpoints');
  try {
    const job = await finishedJob(state, plan.job);
    const format = await jobFormat(plan.source, job, plan);
    const target = await targetOf(again, format, hooks, report);
    const { grows = false } = target.traits;
    const ledger = (await target.ledger?.recall(retryName(plan.job))) ?? null;
    const fixed = await fixedOptionsOf(again);
    const jobDirectory = state.directory;
    const warn = (message: string) => report({ type: 'warning', message });
    const round = await openRound({ jobDirectory, job, format, plan, fixed, ledger, grows, warn });
    if (round === null) {
      const summary = summaryOfNoRejects(plan.job, began);
      report({ type: 'ended', summary });
      return summary;
    }
    const { source, original } = sourceOf(round, job, format, plan);
    const roundState = new RoundState(plan.job, round, original);
    try {
      const { mark, isFinished } = standing(job, round);
      const begun = await begin(again, retryName(plan.job), source, roundState, hooks, report, {
        id: round.id,
        checkpoint: withColumns(job, again, target.traits),
        mark: grows ? mark : null,
        isFinished: grows && isFinished,
      });
      const summary = await summaryOf(begun, retryName(plan.job), source, began);
      report({ type: 'ended', summary });
      return summary;
    } finally {
      await roundState.close();
    }
  } finally {
    await state.close();
  }
}

async function finishedJob(state: JobState, name: string): Promise<Checkpoint> {
  const job = await new CheckpointFile(state.checkpointPath, name).load();
  if (job === null) throw new TrancheError('usage', `job ${name} has no checkpoint, and so no rejects`);
  if (job.status === 'finished') return job;
  throw new TrancheError(
    'job_unfinished',
    `job ${name} is not finished: its rejects are sent again when it is`,
    {
      hint: 'go on with it first, with --resume',
    },
  );
}

/** The rejects of a round as records, and what finds the reject that a record was. */
function sourceOf(round: Round, job: Checkpoint, { format, formatting }: JobFormat, plan: RetryPlan) {
  const originals = new WeakMap<Location, KeptReject>();
  const { work } = round;
  const source = new RejectsSource({
    name: `the rejects of ${plan.job}`,
    format,
    formatting,
    otherKeys: plan.select !== undefined,
    maxRecordBytes: plan.maxRecordBytes ?? formatDefaults.maxRecordBytes,
    encoding: encodingOf(plan, job),
    count: work.count,
    async *read(from) {
      const path = roundFiles(round.directory).work;
      for await (const found of readRejects({ path, from, to: work.bytes, before: 0 })) {
        originals.set(found.reject.at, found.reject);
        yield found;
      }
    },
  });
  return { source, original: (at: Location) => originals.get(at) };
}

/** The bytes of records that are no UTF-8 are those of the file only where that was read as UTF-8. */
function encodingOf({ encoding }: CopyOptionValues, job: Checkpoint): 'latin1' | 'windows-1252' | null {
  const wasUtf8 = job.options['encoding'] === undefined;
  return wasUtf8 && (encoding === 'latin1' || encoding === 'windows-1252') ? encoding : null;
}
