import { type Checkpoint, type Counts, noCounts } from '../core/checkpoint.js';
import type { FlowSummary, StopReason, Summary } from '../core/events.js';
import { grouped } from '../core/grouped.js';
import type { Source } from '../core/source.js';
import type { Progress } from '../engine/committer.js';
import type { Job, Outcome } from '../engine/job.js';

/** The summary of a run that began at `began` (milliseconds of the monotonic clock). */
export function summaryOfRun(job: Job, outcome: Outcome, began: number): Summary {
  const { progress, status, stopped, error, retries, rejectedBy, flow, passedOver } = outcome;
  const run = difference(progress.counts, job.start.counts);
  const elapsed = Math.round(performance.now() - began);
  return {
    job: job.name,
    status,
    nothingNew: status === 'finished' && job.finished && run.read === 0,
    stopped,
    error,
    counts: progress.counts,
    run,
    retries,
    rejectedBy,
    elapsed,
    elapsedTotal: elapsed + job.elapsedBefore,
    rejects: progress.rejects > 0 ? job.rejects.path : null,
    position: placeOf(job, progress),
    flow,
    passedOver,
  };
}

function placeOf({ source }: Job, { position, ahead }: Progress): string | null {
  const beyond = ahead.reduce((sum, { records }) => sum + records, 0);
  const place = position && source.tell(position);
  return beyond === 0 ? place : `${place ?? 'the beginning'}; ${grouped(beyond)} records beyond it are done`;
}

/** The summary of a run that had nothing to do: the job had finished, and its input is as it was. */
export function summaryOfNothing(checkpoint: Checkpoint, source: Source, began: number): Summary {
  return {
    ...unchanged(checkpoint.job, checkpoint, source, began),
    status: 'finished',
    nothingNew: true,
    stopped: null,
  };
}

/** The summary of a retry that found no rejects to send again. */
export function summaryOfNoRejects(job: string, began: number): Summary {
  const elapsed = Math.round(performance.now() - began);
  return {
    job,
    status: 'finished',
    nothingNew: true,
    stopped: null,
    error: null,
    counts: noCounts,
    run: noCounts,
    retries: 0,
    rejectedBy: {},
    elapsed,
    elapsedTotal: elapsed,
    rejects: null,
    position: null,
    flow: noFlow,
    passedOver: null,
  };
}

/** The summary of a run that was stopped before it began: nothing was changed. */
export function summaryOfStop(
  job: string,
  stopped: StopReason,
  checkpoint: Checkpoint | null,
  source: Source,
  began: number,
): Summary {
  return { ...unchanged(job, checkpoint, source, began), status: 'paused', nothingNew: false, stopped };
}

function unchanged(job: string, checkpoint: Checkpoint | null, source: Source, began: number) {
  const position = checkpoint?.source.position ?? null;
  const rejects = checkpoint?.rejects;
  const elapsed = Math.round(performance.now() - began);
  return {
    job,
    error: null,
    counts: checkpoint?.counts ?? noCounts,
    run: noCounts,
    retries: 0,
    rejectedBy: {},
    elapsed,
    elapsedTotal: elapsed + (checkpoint?.elapsed ?? 0),
    rejects: rejects && rejects.bytes > 0 ? rejects.path : null,
    position: position && source.tell(position),
    flow: noFlow,
    passedOver: null,
  };
}

const noFlow: FlowSummary = { inFlight: 0, paced: 0, pacedTime: 0, breaks: 0, breakTime: 0 };

function difference(after: Counts, before: Counts): Counts {
  return {
    read: after.read - before.read,
    written: after.written - before.written,
    rejected: after.rejected - before.rejected,
    filtered: after.filtered - before.filtered,
    skipped: after.skipped - before.skipped,
    bytes: after.bytes - before.bytes,
  };
}
