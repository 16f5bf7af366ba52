import type { Checkpoint } from '../../core/checkpoint.js';
import type { KeptReject } from '../../core/reject.js';
import { CheckpointFile } from '../../state/checkpoint-store.js';
import { parseCheckpoint } from '../../state/checkpoint-text.js';
import { createJobDirectory, retryDirectory } from '../../state/job-directory.js';
import { type EditedFile, readEditedFile } from './edited-file.js';
import type { JobFormat } from './job-format.js';
import { makeRound, removeOldRounds } from './new-round.js';
import type { RetryPlan } from './retry-plan.js';
import { loadRound, type Round, retryName, roundFiles } from './round.js';

/** What is needed to decide on a round. */
export interface OpenRound {
  readonly jobDirectory: string;
  readonly job: Checkpoint;
  readonly format: JobFormat;
  readonly plan: RetryPlan;
  /** Whether the target goes on behind what the job wrote. */
  readonly grows: boolean;
  /** The options that decide what is written. */
  readonly fixed: object;
  /** What the ledger of the target says of the retry; null: nothing, or there is none. */
  readonly ledger: string | null;
  /** Hears what a person should know. */
  readonly warn: (message: string) => void;
}

/**
 * The round to run: the newest one, if it has not ended and the same is asked for; else a new one of what is left. Null if nothing that is asked for is left. For the holder of the
 * job's lock.
 */
export async function openRound(how: OpenRound): Promise<Round | null> {
  const { jobDirectory, job, plan, format, fixed } = how;
  await createJobDirectory(retryDirectory(jobDirectory));
  const newest = await caughtUp(await loadRound(jobDirectory, job.job), how);
  const edited = plan.from === undefined ? null : await readEditedFile(plan.from, job, format);
  const reasons = plan.reasons ?? null;
  const asked = JSON.stringify({ reasons, from: edited?.hash ?? null, fixed });
  const goesOn = newest !== null && isSame(newest, job, asked);
  const round = goesOn ? newest : await newRound(how, newest, edited, asked);
  await removeOldRounds(jobDirectory);
  return round;
}

async function newRound(
  { jobDirectory, job, plan, grows, warn }: OpenRound,
  newest: Round | null,
  edited: EditedFile | null,
  asked: string,
): Promise<Round | null> {
  const met = new Set<number>();
  const choose = chooser(plan.reasons ?? null, edited, met);
  const round = await makeRound({ jobDirectory, job, newest, asked, grows, choose });
  const resolved = edited === null ? 0 : edited.records.size - met.size;
  if (resolved > 0)
    warn(`${resolved} of the records in ${plan.from} are resolved already, and not sent again`);
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

/** Whether a round has not ended, and is what a new one would be. */
function isSame({ checkpoint, of, runs, taken, asked: was }: Round, job: Checkpoint, asked: string): boolean {
  if (of !== job.id || checkpoint?.status === 'finished') return false;
  return was === asked && runs === job.runs && taken.bytes === job.rejects.bytes;
}

/** Picks what is asked for, with its text as it was given back; notes in `met` which of the records given back it met. */
function chooser(
  reasons: readonly string[] | null,
  edited: EditedFile | null,
  met: Set<number>,
): (reject: KeptReject) => KeptReject | null {
  return reject => {
    const record = edited?.records.get(reject.number);
    if (record !== undefined) met.add(reject.number);
    if (reasons !== null && !reasons.includes(reject.reason)) return null;
    if (edited === null) return reject;
    if (record === undefined) return null;
    // Only the beginning of a record, given back as it was, is not the whole of it.
    return record.raw.equals(reject.raw) ? reject : { ...reject, raw: record.raw, length: record.raw.length };
  };
}
