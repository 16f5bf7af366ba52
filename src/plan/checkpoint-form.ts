import type { Checkpoint, JobStatus } from '../core/checkpoint.js';
import type { Column, OutputColumn } from '../core/columns.js';
import type { JsonObject } from '../core/json.js';
import type { Position } from '../core/position.js';
import type { Source, SourceSize } from '../core/source.js';
import type { Target } from '../core/target.js';
import type { Progress } from '../engine/committer.js';
import type { FixedOptions } from './fixed-options.js';

/** What every checkpoint of a run has in common. */
export interface CheckpointForm {
  readonly job: string;
  readonly id: string;
  readonly source: Source;
  readonly size: SourceSize;
  readonly target: Target;
  readonly columns: readonly Column[];
  readonly options: FixedOptions;
  readonly rejects: string;
  readonly batchSize: number;
  readonly batchBytes: number;
  readonly command: readonly string[];
  /** The checkpoint that this run began with. */
  readonly before: Checkpoint | null;
}

/** Fills in the form: answers a function that makes a checkpoint of progress. */
export function checkpointMaker(form: CheckpointForm) {
  const began = performance.now();
  const startedAt = form.before?.startedAt ?? new Date().toISOString();
  const runs = (form.before?.runs ?? 0) + 1;
  const elapsedBefore = form.before?.elapsed ?? 0;
  return async (
    progress: Progress,
    status: JobStatus,
    because: string | null,
    output: readonly OutputColumn[] | null,
  ): Promise<Checkpoint> => ({
    job: form.job,
    id: form.id,
    status,
    because,
    source: {
      name: form.source.name,
      size: form.size,
      position: progress.position,
      ahead: progress.ahead,
      identity: await identityAt(form.source, furthest(progress)),
    },
    target: { name: form.target.name, mark: progress.mark },
    counts: progress.counts,
    batches: progress.batches,
    batchSize: form.batchSize,
    batchBytes: form.batchBytes,
    columns: form.columns,
    output,
    options: form.options,
    rejects: { path: form.rejects, bytes: progress.rejects },
    command: form.command,
    runs,
    startedAt,
    updatedAt: new Date().toISOString(),
    elapsed: Math.round(elapsedBefore + performance.now() - began),
  });
}

/** How far the input has been done, whatever is missing before. */
export function furthest({ position, ahead }: Pick<Progress, 'position' | 'ahead'>): Position | null {
  return ahead.at(-1)?.end ?? position;
}

async function identityAt(source: Source, position: Position | null): Promise<JsonObject | null> {
  return position && (await source.identify(position));
}
