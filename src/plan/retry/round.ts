import { constants } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../core/checkpoint.js';
import { ioError, systemCode, TrancheError } from '../../core/errors.js';
import type { Mark } from '../../core/position.js';
import { CheckpointFile } from '../../state/checkpoint-store.js';
import { jobFiles, retryDirectory } from '../../state/job-directory.js';

/** How much of a file of rejects: so many, in so many bytes. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** What is decided when rejects are to be sent again, and kept as `round.json`. */
export interface RoundPlan {
  /** The identity of this round's job. */
  readonly id: string;
  /** The job whose rejects they are: its identity, and its runs until then. */
  readonly of: string;
  readonly runs: number;
  /** What was asked for: the same question again goes on with the round. */
  readonly asked: string;
  /** The rejects of the job that this round and those before it took. */
  readonly taken: Amount;
  /** Those to be sent again, and those that wait. */
  readonly work: Amount;
  readonly rest: Amount;
  /** Rejects that rounds before this one resolved. */
  readonly resolved: number;
  /** True: it writes behind what the job wrote, and where it stands the job stands. */
  readonly grows: boolean;
  /** Where the target stood, and whether it was complete. */
  readonly mark: Mark | null;
  readonly isFinished: boolean;
}

/**
 * One pass over a job's rejects. Each round has a directory of its own, made as a whole: what to send again (`work`), what is left for later (`rest`), and the
 * files of a job. What fails again becomes its rejects; the next round takes them, `rest`, and what `work` has left.
 */
export interface Round extends RoundPlan {
  readonly number: number;
  readonly directory: string;
  /** Null: nothing was sent yet. */
  readonly checkpoint: Checkpoint | null;
}

/** Files of a round. */
export function roundFiles(directory: string) {
  const { checkpoint, rejects } = jobFiles(directory);
  return {
    checkpoint,
    rejects,
    plan: join(directory, 'round.json'),
    work: join(directory, 'work.ndjson'),
    rest: join(directory, 'rest.ndjson'),
  } as const;
}

/** The name under which the retry of a job's rejects keeps its ledger: no job can have it. */
export function retryName(job: string): string {
  return `${job}/retry`;
}

/** Where the round with this number is. */
export function roundDirectory(jobDirectory: string, number: number): string {
  return join(retryDirectory(jobDirectory), `round-${number}`);
}

/** Numbers of the rounds that are there, in ascending order. */
export async function roundNumbers(jobDirectory: string): Promise<number[]> {
  const retry = retryDirectory(jobDirectory);
  try {
    const names = await readdir(retry);
    const numbers = names.flatMap(name => /^round-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
    return numbers.sort((a, b) => a - b);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw ioError('list', retry, error);
  }
}

/** The newest round of a job's rejects; null if they were never sent again. */
export async function loadRound(jobDirectory: string, job: string): Promise<Round | null> {
  const number = (await roundNumbers(jobDirectory)).at(-1);
  if (number === undefined) return null;
  const directory = roundDirectory(jobDirectory, number);
  const files = roundFiles(directory);
  const plan = await readPlan(files.plan);
  return {
    ...plan,
    number,
    directory,
    checkpoint: await new CheckpointFile(files.checkpoint, retryName(job)).load(),
  };
}

/** Where the target of a job stands: as the job left it, or a round behind it. */
export function standing(
  job: Checkpoint,
  round: Round | null,
): { readonly mark: Mark | null; readonly isFinished: boolean } {
  // A job that has run since went on from where the round was.
  if (!round?.grows || round.of !== job.id || round.runs !== job.runs) {
    return { mark: job.target.mark, isFinished: job.status === 'finished' };
  }
  const { checkpoint, mark, isFinished } = round;
  return checkpoint === null
    ? { mark, isFinished }
    : { mark: checkpoint.target.mark, isFinished: checkpoint.status === 'finished' };
}

async function readPlan(path: string): Promise<RoundPlan> {
  try {
    return JSON.parse(
      await readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NOFOLLOW }),
    ) as RoundPlan;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw ioError('read', path, cause);
    throw new TrancheError('checkpoint_unreadable', `${path} cannot be read: it was damaged`, {
      operation: 'read',
      path,
      cause,
      hint: 'restore it from a copy',
    });
  }
}
