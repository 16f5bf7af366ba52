import { randomUUID } from 'node:crypto';
import { type Checkpoint, noCounts } from '../core/checkpoint.js';
import type { Report, StopReason } from '../core/events.js';

import type { Source } from '../core/source.js';
import type { Job } from '../engine/job.js';
import { reasonOf } from '../engine/stop.js';
import { checkpointText } from '../state/checkpoint-text.js';
import { checkpointMaker } from './checkpoint-form.js';
import { decoderOf } from './decode.js';
import { fixedOptionsOf } from './fixed-options.js';
import { givenUp, isGivenUp } from './give-up.js';
import { loadTransform } from './load-transform.js';
import { newestCheckpoint } from './newest-checkpoint.js';
import type { CopyHooks, CopyPlan } from './plan.js';
import { beginningOf } from './resume.js';
import { settingsOf } from './settings.js';
import { shapeOf } from './shape.js';
import { tellStart } from './start.js';
import type { JobState } from './state.js';
import { targetOf } from './target.js';

/** A job that is ready to run, or one that has nothing to do. */
export type Begun =
  | { readonly kind: 'run'; readonly job: Job }
  | { readonly kind: 'nothing new'; readonly checkpoint: Checkpoint }
  /** Stopped while it was looking at the input. */
  | { readonly kind: 'stopped'; readonly reason: StopReason; readonly checkpoint: Checkpoint | null };

/** Everything that comes before the first record: decides where to begin and puts the job together. Changes nothing as long as something may still be wrong with the plan. */
export async function begin(
  plan: CopyPlan,
  name: string,
  source: Source,
  state: JobState,
  hooks: CopyHooks,
  report: Report,
): Promise<Begun> {
  const fixed = await fixedOptionsOf(plan);
  const target = await targetOf(plan, source, hooks);
  const newest = await newestCheckpoint(name, state, target, plan);
  const beginning = await beginningOf(newest, plan, fixed, source, report);
  if (beginning.kind === 'nothing new') {
    // The run that finished may have been killed when only the ledger knew.
    if (newest.ledger !== null) await state.store?.save(beginning.checkpoint);
    return beginning;
  }
  const before = beginning.kind === 'resume' ? beginning.checkpoint : null;
  const signal = hooks.signal ?? new AbortController().signal;
  const shape = await shapeOf(plan, source, target, before, signal, report);
  if (signal.aborted) return { kind: 'stopped', reason: reasonOf(signal), checkpoint: newest.checkpoint };
  const rejects = await state.openRejects(plan.rejects, before);
  const transform = plan.transform === undefined ? null : await loadTransform(plan.transform);
  const size = await source.size();
  const id = before?.id ?? randomUUID();
  const replaces = beginning.kind === 'fresh' ? beginning.replaces : isGivenUp(beginning.checkpoint);
  const checkpoint = checkpointMaker({
    size,
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
      timeout: settingsOf(plan, target.traits).timeout,
      signal,
    },
    start: {
      position: before?.source.position ?? null,
      ahead: before?.source.ahead ?? [],
      mark: before?.target.mark ?? null,
      counts: before?.counts ?? noCounts,
      batches: before?.batches ?? 0,
      rejects: rejects.bytes,
    },
    ledger: before ? newest.ledger : null,
    elapsedBefore: before?.elapsed ?? 0,
    finished: before?.status === 'finished',
    replaces,
    settings: settingsOf(plan, target.traits),
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
  return { kind: 'run', job };
}
