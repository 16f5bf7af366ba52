import type { ReasonCode } from '../../core/batch.js';
import type { Checkpoint } from '../../core/checkpoint.js';
import type { KeptReject } from '../../core/reject.js';
import { readRejects } from '../../state/read-rejects.js';
import { loadRound } from './round.js';
import { countRejects, type RejectCounts, unresolvedOf } from './unresolved.js';

/** Rejects of one reason; resolved ones count where they were rejected first. */
export interface ReasonCounts {
  readonly unresolved: number;
  readonly resolved: number;
}

/** The rejects of a job at a glance. */
export interface RejectList {
  readonly counts: RejectCounts;
  readonly byReason: ReadonlyMap<ReasonCode, ReasonCounts>;
  /** The first of those that are unresolved. */
  readonly samples: readonly KeptReject[];
}

/** Counts the rejects of a job and picks samples; with `reasons`, of these alone. Reads every one of them, and changes nothing. */
export async function listRejects(
  jobDirectory: string,
  job: Checkpoint,
  reasons: readonly ReasonCode[] | undefined,
  sampleCount: number,
): Promise<RejectList> {
  const round = await loadRound(jobDirectory, job.job);
  const counted = new Map<ReasonCode, { unresolved: number; resolved: number }>();
  const of = (reason: ReasonCode) => {
    const found = counted.get(reason) ?? { unresolved: 0, resolved: 0 };
    counted.set(reason, found);
    return found;
  };
  const wanted = (reason: ReasonCode) => reasons === undefined || reasons.includes(reason);
  const { path, bytes } = job.rejects;
  for await (const { reject } of readRejects({ path, from: 0, to: bytes, before: 0 }))
    of(reject.reason).resolved++;
  const samples: KeptReject[] = [];
  for await (const reject of unresolvedOf(job, round)) {
    of(reject.earlier[0]?.reason ?? reject.reason).resolved--;
    of(reject.reason).unresolved++;
    if (wanted(reject.reason) && samples.length < sampleCount) samples.push(reject);
  }
  const byReason = new Map([...counted].filter(([reason]) => wanted(reason)));
  return { counts: countRejects(job, round), byReason, samples };
}
