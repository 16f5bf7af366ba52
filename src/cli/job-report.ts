import type { Checkpoint } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import { didYouMean } from '../core/nearest.js';
import { loadRound } from '../plan/retry/round.js';
import { countRejects, type RejectCounts } from '../plan/retry/unresolved.js';
import { CheckpointFile } from '../state/checkpoint-store.js';
import { jobDirectory, jobFiles, listJobs } from '../state/job-directory.js';
import { type LockHolder, lockHolder } from '../state/lock.js';

/**
 * How a job stands. `running` and `starting` (no checkpoint yet) have a live process; `interrupted`: the process died; `unreadable`: its files are damaged;
 * `new`: it ended before its first checkpoint.
 */
export type JobStanding =
  | 'running'
  | 'starting'
  | 'interrupted'
  | 'paused'
  | 'failed'
  | 'finished'
  | 'unreadable'
  | 'new';

/** What the files of a job tell. */
export interface JobReport {
  readonly job: string;
  readonly standing: JobStanding;
  /** The process that runs it; null if none does. */
  readonly process: LockHolder | null;
  readonly checkpoint: Checkpoint | null;
  /** Its rejects, and what became of them since; null without a checkpoint. */
  readonly rejects: RejectCounts | null;
  /** Why the files could not be read. */
  readonly error: TrancheError | null;
  readonly checkpointPath: string;
}

/** Every job of a state directory, by name. */
export async function readJobs(stateDir: string): Promise<readonly JobReport[]> {
  return Promise.all((await listJobs(stateDir)).map(job => readJob(stateDir, job)));
}

/** One job. Files that cannot be read make an `unreadable` report; a job that does not exist is a `usage` error. */
export async function readJob(stateDir: string, job: string): Promise<JobReport> {
  const directory = jobDirectory(stateDir, job);
  await checkJobExists(stateDir, job);
  const checkpointPath = jobFiles(directory).checkpoint;
  try {
    // The lock first: whoever takes it in between has saved no other checkpoint yet.
    const process = await lockHolder(directory);
    const checkpoint = await new CheckpointFile(checkpointPath, job).load();
    return {
      job,
      standing: standingOf(process, checkpoint),
      process,
      checkpoint,
      rejects: checkpoint && countRejects(checkpoint, await loadRound(directory, job)),
      error: null,
      checkpointPath,
    };
  } catch (error) {
    if (!(error instanceof TrancheError)) throw error;
    return {
      job,
      standing: 'unreadable',
      process: null,
      checkpoint: null,
      rejects: null,
      error,
      checkpointPath,
    };
  }
}

/** Throws a `usage` error, with the nearest name, for a job that does not exist. */
export async function checkJobExists(stateDir: string, job: string): Promise<void> {
  const jobs = await listJobs(stateDir);
  if (jobs.includes(job)) return;
  const names = jobs.length === 0 ? 'there are no jobs there' : `jobs there: ${jobs.join(', ')}`;
  throw new TrancheError('usage', `there is no job "${job}" in ${stateDir}${didYouMean(job, jobs)}`, {
    hint: `${names}; --state-dir names another directory`,
  });
}

function standingOf(process: LockHolder | null, checkpoint: Checkpoint | null): JobStanding {
  if (process !== null) return checkpoint === null ? 'starting' : 'running';
  if (checkpoint === null) return 'new';
  return checkpoint.status === 'running' ? 'interrupted' : checkpoint.status;
}
