import type { Checkpoint } from '../../core/checkpoint.js';
import { TrancheError } from '../../core/errors.js';
import type { KeptReject } from '../../core/reject.js';
import { CheckpointFile } from '../../state/checkpoint-store.js';
import { parseCheckpoint } from '../../state/checkpoint-text.js';
import { createJobDirectory, jobFiles } from '../../state/job-directory.js';
import { type EditedFile, readEditedFile } from './edited-file.js';
import type { JobFormat } from './job-format.js';
import { makeRound, removeOldRounds } from './new-round.js';
import type { RetryPlan } from './retry-plan.js';
import { loadRound, type Round, retryName, roundFiles } from './round.js';
import { roundOf } from './unresolved.js';

/** What is needed to decide on a round. */
export interface OpenRound {
  readonly jobDirectory: string;
  readonly job: Checkpoint;
  readonly format: JobFormat;
  readonly plan: RetryPlan;
  /** The options that decide what is written. */
  readonly fixed: object;
  /** What the ledger of the target says of the retry; null: nothing, or there is none. */
  readonly ledger: string | null;
}

/**
 * The round to run: the newest one, if it has not ended and the same is asked for; else a new one of what is left. Null if nothing that is asked for is left. For the holder of the
 * job's lock.
 */
export async function openRound(how: OpenRound): Promise<Round | null> {
  const { jobDirectory, job, plan, format, fixed } = how;
  await createJobDirectory(jobFiles(jobDirectory).retry);
  const newest = await caughtUp(await loadRound(jobDirectory, job.job), how);
  const edited = plan.from === undefined ? null : await readEditedFile(plan.from, job, format);
  const reasons = plan.reasons ?? null;
  const asked = JSON.stringify({ reasons, from: edited?.hash ?? null, fixed });
  const round = goesOn(newest, job, asked)
    ? newest
    : await makeRound({ jobDirectory, job, newest, asked, choose: chooser(reasons, edited, how) });
  await removeOldRounds(jobDirectory);
  return round;
}

/** A run that was killed may have left its last step in the ledger alone. */
async function caughtUp(round: Round | null, { ledger, job }: OpenRound): Promise<Round | null> {
  if (round === null || ledger === null) return round;
  const entry = parseCheckpoint(ledger, retryName(job.job), 'the ledger of the retry');
  if (entry.id !== round.id || entry.source.position === null) return round;
  const file = round.checkpoint;
  const isNewer = entry.counts.read > (file?.counts.read ?? 0) || entry.status !== file?.status;
  if (!isNewer) return round;
  await new CheckpointFile(roundFiles(round.directory).checkpoint, retryName(job.job)).save(entry);
  return { ...round, checkpoint: entry };
}

function goesOn(newest: Round | null, job: Checkpoint, asked: string): boolean {
  const round = roundOf(job, newest);
  if (round === null || round.checkpoint?.status === 'finished') return false;
  return round.asked === asked && round.runs === job.runs && round.taken.bytes === job.rejects.bytes;
}

/** Picks what is asked for, with its text as it was given back. */
function chooser(
  reasons: readonly string[] | null,
  edited: EditedFile | null,
  { plan }: OpenRound,
): (reject: KeptReject) => KeptReject | null {
  if (edited !== null && edited.records.size === 0) {
    throw new TrancheError('usage', `${plan.from} has no records`, {
      hint: 'leave at least one of them in it',
    });
  }
  return reject => {
    if (reasons !== null && !reasons.includes(reject.reason)) return null;
    if (edited === null) return reject;
    const record = edited.records.get(reject.number);
    if (record === undefined) return null;
    // Only the beginning of a record, given back as it was, is not the whole of it.
    return record.raw.equals(reject.raw) ? reject : { ...reject, raw: record.raw, length: record.raw.length };
  };
}
