import { randomUUID } from 'node:crypto';
import { type Checkpoint, noCounts } from '../core/checkpoint.js';
import type { Report, StopReason } from '../core/events.js';
import type { Mark } from '../core/position.js';
import type { Source } from '../core/source.js';
import type { Job } from '../engine/job.js';
import { reasonOf } from '../engine/stop.js';
import { decoderOf } from '../formats/decode.js';
import { checkpointText } from '../state/checkpoint-text.js';
import { misfitsOf } from '../targets/misfits.js';
import { checkpointMaker } from './checkpoint-form.js';
import { fixedOptionsOf } from './fixed-options.js';
import { givenUp, isGivenUp } from './give-up.js';
import { loadTransform } from './load-transform.js';
import { newestCheckpoint } from './newest-checkpoint.js';
import { demandOtherTable } from './other-file.js';
import type { CopyHooks, CopyPlan } from './plan.js';
import { beginningOf } from './resume.js';
import { settingsOf } from './settings.js';
import { shapeOf } from './shape.js';
import { tellKeys, tellLeft, tellStart } from './start.js';
import type { RunState } from './state.js';
import { targetOf } from './target.js';

/** A job that is ready to run, with the target of the checkpoint that it goes on from as that names it, or one that has nothing to do. */
export type Begun =
  | { readonly kind: 'run'; readonly job: Job; readonly wroteTo: string | null }
  | { readonly kind: 'nothing new'; readonly checkpoint: Checkpoint }
  /** Stopped while it was looking at the input. */
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly checkpoint: Checkpoint | null };

/** What a job goes on behind that is not its own: another one that wrote to the same target. */
export interface Behind {
  /** The identity of the job that begins there. */
  readonly id: string;
  /** Tells the columns. */
  readonly checkpoint: Checkpoint;
  /** Where the target stands; null: it cannot tell. */
  readonly mark: Mark | null;
  /** The target is complete. */
  readonly isFinished: boolean;
}

/** Everything that comes before the first record: decides where to begin and puts the job together. Changes nothing as long as something may still be wrong with the plan. */
export async function begin(
  plan: CopyPlan,
  name: string,
  source: Source,
  state: RunState,
  hooks: CopyHooks,
  report: Report,
  behind?: Behind,
): Promise<Begun> {
  const fixed = await fixedOptionsOf(plan);
  const target = await targetOf(plan, source, hooks, report);
  demandOtherTable(source, target, plan);
  const newest = await newestCheckpoint(name, state, target, plan, behind?.id);
  const beginning = await beginningOf(newest, plan, fixed, source, target, report);
  if (beginning.kind === 'nothing new') {
    // The run that finished may have been killed when only the ledger knew.
    if (newest.ledger !== null) await state.store?.save(beginning.checkpoint);
    if (state.retrying) report({ type: 'warning', message: interruptedRetry(name) });
    return beginning;
  }
  const before = beginning.kind === 'resume' ? beginning.checkpoint : null;
  const signal = hooks.signal ?? new AbortController().signal;
  const shape = await shapeOf(plan, source, target, behind?.checkpoint ?? before, signal, report);
  if (signal.aborted) return { kind: 'stopped', reason: reasonOf(signal), checkpoint: newest.checkpoint };
  const rejects = await state.openRejects(plan.rejects, before);
  const transform = plan.transform === undefined ? null : await loadTransform(plan.transform);
  const size = await source.size();
  const id = before?.id ?? behind?.id ?? randomUUID();
  const replaces = beginning.kind === 'fresh' ? beginning.replaces : isGivenUp(beginning.checkpoint);
  const settings = settingsOf(plan, target.traits);
  const checkpoint = checkpointMaker({
    size,
    batchSize: settings.batchSize,
    batchBytes: settings.batchBytes,
    job: name,
    id,
    source,
    target,
    columns: shape.columns,
    options: fixed,
    rejects: rejects.path,
    command: plan.command ?? [],
    before,
  });
  const job: Job = {
    name,
    id,
    source,
    target,
    columns: shape.columns,
    output: shape.output,
    transformer: transform && {
      job: name,
      transform,
      decode: decoderOf(shape.projected),
      misfits: records =>
        misfitsOf(
          records,
          shape.projected.filter(({ declared }) => declared),
        ),
      timeout: settings.timeout,
      signal,
      abandon: hooks.abandon ?? null,
    },
    start: {
      position: before?.source.position ?? null,
      ahead: before?.source.ahead ?? [],
      mark: behind?.mark ?? before?.target.mark ?? null,
      counts: before?.counts ?? noCounts,
      batches: before?.batches ?? 0,
      rejects: rejects.bytes,
    },
    ledger: before ? newest.ledger : null,
    elapsedBefore: before?.elapsed ?? 0,
    finished: behind?.isFinished ?? (before?.status === 'finished' && !state.retrying),
    replaces,
    settings,
    store: state.store,
    rejects,
    beginning: async () => {
      // A ledger is replaced in the transaction that empties the table.
      if (replaces && !before && !target.ledger) await state.store?.save(await givenUp(checkpoint));
    },
    begun: async () => {
      if (!before) await state.clear();
    },
    journal: state.openJournal((before?.runs ?? 0) + 1, report),
    size,
    checkpoint,
    entry: checkpointText,
    signal,
    abandon: hooks.abandon ?? null,
    report,
  };
  await tellStart(job, state, shape.projected);
  if (before) tellKeys(job, before);
  else if (replaces && newest.checkpoint) tellLeft(job, plan, newest.checkpoint);
  return { kind: 'run', job, wroteTo: before?.target.name ?? null };
}

function interruptedRetry(job: string): string {
  return `the rejects of this job were being sent again and that was stopped, so that the target may not be in its place: tranche retry-rejects ${job} goes on with it`;
}
