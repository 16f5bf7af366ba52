import type { Checkpoint } from '../../core/checkpoint.js';
import type { KeptReject } from '../../core/reject.js';
import { type RejectsRange, readRejects } from '../../state/read-rejects.js';
import { type Round, roundFiles } from './round.js';

/** How many rejects a job has, and how many of them were taken since. */
export interface RejectCounts {
  readonly total: number;
  readonly resolved: number;
  readonly unresolved: number;
}

/** The round, if it is about the rejects of this start of the job. */
export function roundOf(job: Checkpoint, round: Round | null): Round | null {
  return round?.of === job.id ? round : null;
}

/** The rejects of a job that still are rejects, one at a time. */
export async function* unresolvedOf(job: Checkpoint, newest: Round | null): AsyncGenerator<KeptReject> {
  const round = roundOf(job, newest);
  if (round !== null) yield* notSent(round);
  for (const range of rangesOf(job, round)) {
    for await (const { reject } of readRejects(range)) yield reject;
  }
}

/** The same, counted without reading them. */
export function countRejects(job: Checkpoint, newest: Round | null): RejectCounts {
  const total = job.counts.rejected;
  const resolved = resolvedBy(roundOf(job, newest));
  return { total, resolved, unresolved: total - resolved };
}

/** Rejects that were resolved by a round and those before it. */
export function resolvedBy(round: Round | null): number {
  if (round === null) return 0;
  const { written, filtered } = round.checkpoint?.counts ?? { written: 0, filtered: 0 };
  return round.resolved + written + filtered;
}

/** What a round has not sent: what lies behind its position, without the ranges that are done beyond it. */
async function* notSent({ directory, work, checkpoint }: Round): AsyncGenerator<KeptReject> {
  const { position = null, ahead = [] } = checkpoint?.source ?? {};
  const from = Number(position?.['offset'] ?? 0);
  // Numbers of records, each the end of a stretch that is to be sent, or of one that is done.
  const ends = ahead.flatMap(({ after, records }) => [after, records]);
  let left = ends.shift() ?? Number.POSITIVE_INFINITY;
  let isDone = false;
  for await (const { reject } of readRejects({
    path: roundFiles(directory).work,
    from,
    to: work.bytes,
    before: 0,
  })) {
    while (left === 0) {
      left = ends.shift() ?? Number.POSITIVE_INFINITY;
      isDone = !isDone;
    }
    left--;
    if (!isDone) yield reject;
  }
}

/** What failed again in a round, what it left out, and what the job rejected since. */
function rangesOf(job: Checkpoint, round: Round | null): RejectsRange[] {
  const { path, bytes } = job.rejects;
  if (round === null) return [{ path, from: 0, to: bytes, before: 0 }];
  const files = roundFiles(round.directory);
  const { checkpoint, rest, taken } = round;
  return [
    { path: files.rejects, from: 0, to: checkpoint?.rejects.bytes ?? 0, before: 0 },
    { path: files.rest, from: 0, to: rest.bytes, before: 0 },
    { path, from: taken.bytes, to: bytes, before: taken.count },
  ];
}
