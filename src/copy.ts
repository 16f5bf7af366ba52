import type { Report, Summary } from './core/events.js';
import type { Source } from './core/source.js';
import type { Job } from './engine/job.js';
import { run } from './engine/run.js';
import { copyDefaults } from './options.js';
import { type Begun, begin } from './plan/begin.js';
import { demandPlan } from './plan/check-plan.js';
import { demandOtherFile } from './plan/other-file.js';
import type { CopyHooks, CopyPlan } from './plan/plan.js';
import { tellOtherTarget } from './plan/same-job.js';
import { JobState, type Keeping } from './plan/state.js';
import { summaryOfNothing, summaryOfRun, summaryOfStop } from './plan/summary.js';
import { demandUsed } from './plan/unused-options.js';
import { createSource } from './sources/index.js';
import { defaultJobName } from './state/job-name.js';

export type { CopyHooks, CopyPlan } from './plan/plan.js';

/**
 * Runs a job: copies records from source to target in batches, a checkpoint after each.
 *
 * Rejects with a `TrancheError` if the run could not begin (wrong options, an unfinished job without `resume`, a changed input, a locked job). What
 * goes wrong while it runs is told by the summary: its status is `failed` then, the checkpoint stands, and `resume` goes on.
 * Prints nothing.
 */
export async function copy(plan: CopyPlan, hooks: CopyHooks = {}): Promise<Summary> {
  const began = performance.now();
  await demandPlan(plan);
  demandUsed(plan);
  await demandOtherFile(plan);
  const report = guarded(hooks.report);
  const name = plan.job ?? defaultJobName(plan.source, plan.target);
  const stateDir = plan.stateDir ?? copyDefaults.stateDir;
  const state = await JobState.open(stateDir, name, keepingOf(plan));
  let source: Source | undefined;
  try {
    source = await createSource(plan.source, { options: plan, stdin: hooks.stdin ?? process.stdin });
    const begun = await begin(plan, name, source, state, hooks, report);
    const summary = await summaryOf(begun, name, source, began);
    report({ type: 'ended', summary });
    return summary;
  } finally {
    await source?.close();
    await state.close();
  }
}

function keepingOf({ dryRun, checkpoint }: CopyPlan): Keeping {
  if (dryRun) return 'nothing';
  return checkpoint === false ? 'rejects' : 'checkpoints';
}

/** Runs what was begun, and tells what became of it; `began` in milliseconds of the monotonic clock. */
export async function summaryOf(begun: Begun, name: string, source: Source, began: number): Promise<Summary> {
  switch (begun.kind) {
    case 'run':
      return await summaryOfOutcome(begun.job, begun.wroteTo, began);
    case 'nothing new':
      return summaryOfNothing(begun.checkpoint, source, began);
    case 'stopped':
      return summaryOfStop(name, begun.reason, begun.checkpoint, source, began);
    default:
      return begun satisfies never;
  }
}

async function summaryOfOutcome(job: Job, wroteTo: string | null, began: number): Promise<Summary> {
  const outcome = await run(job);
  const error = outcome.error && tellOtherTarget(outcome.error, wroteTo, job.target.name);
  return summaryOfRun(job, { ...outcome, error }, began);
}

/** A listener that fails must not stop a run. */
export function guarded(report: Report | undefined): Report {
  return event => {
    try {
      report?.(event);
    } catch {
      // It has had its chance.
    }
  };
}
