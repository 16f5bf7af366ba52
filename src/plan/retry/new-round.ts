import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checkpoint } from '../../core/checkpoint.js';
import { ioError } from '../../core/errors.js';
import type { KeptReject } from '../../core/reject.js';
import { syncDirectory } from '../../durable/directory.js';
import { renameDurably } from '../../durable/rename.js';
import { replaceFile } from '../../durable/replace-file.js';
import { createJobDirectory, retryDirectory } from '../../state/job-directory.js';
import { rejectLine } from '../../state/reject-line.js';
import { LineFile } from './line-file.js';
import { type Round, type RoundPlan, roundDirectory, roundFiles, roundNumbers, standing } from './round.js';
import { resolvedBy, roundOf, unresolvedOf } from './unresolved.js';

/** What a new round is made of. */
export interface NewRound {
  readonly jobDirectory: string;
  readonly job: Checkpoint;
  /** The newest round there is. */
  readonly newest: Round | null;
  readonly asked: string;
  /** Whether the target goes on behind what the job wrote. */
  readonly grows: boolean;
  /** The reject as it is to be sent; null: it waits. */
  choose(reject: KeptReject): KeptReject | null;
}

/**
 * Sorts the rejects that are left into those to be sent again and those that wait, and makes them a round, durably and at once: until it has its name, the one before it
 * stands. Null, and nothing is changed, if there is nothing to be sent, and the target is complete.
 */
export async function makeRound(how: NewRound): Promise<Round | null> {
  const { jobDirectory, newest } = how;
  const next = join(retryDirectory(jobDirectory), 'next');
  await removeAll(next);
  await createJobDirectory(next);
  const plan = await write(next, how);
  if (plan.work.count === 0 && plan.isFinished) {
    await removeAll(next);
    return null;
  }
  const number = (newest?.number ?? 0) + 1;
  const directory = roundDirectory(jobDirectory, number);
  await renameDurably(next, directory);
  return { ...plan, number, directory, checkpoint: null };
}

/** Removes all rounds but the newest. */
export async function removeOldRounds(jobDirectory: string): Promise<void> {
  const old = (await roundNumbers(jobDirectory)).slice(0, -1);
  for (const number of old) await removeAll(roundDirectory(jobDirectory, number));
}

async function write(directory: string, how: NewRound): Promise<RoundPlan> {
  const { job, newest, asked, grows, choose } = how;
  const files = roundFiles(directory);
  const before = roundOf(job, newest);
  const work = await LineFile.create(files.work);
  const rest = await LineFile.create(files.rest);
  try {
    for await (const reject of unresolvedOf(job, newest)) {
      const chosen = choose(reject);
      await (chosen === null ? rest.append(lineOf(reject)) : work.append(lineOf(chosen)));
    }
    await work.sync();
    await rest.sync();
  } finally {
    await work.close();
    await rest.close();
  }
  const resolved = resolvedBy(before);
  const plan: RoundPlan = {
    id: randomUUID(),
    of: job.id,
    runs: job.runs,
    asked,
    grows,
    taken: { count: resolved + work.amount.count + rest.amount.count, bytes: job.rejects.bytes },
    work: work.amount,
    rest: rest.amount,
    resolved,
    ...(grows ? standing(job, newest) : { mark: null, isFinished: true }),
  };
  await replaceFile(files.plan, Buffer.from(`${JSON.stringify(plan, null, 2)}\n`));
  await syncDirectory(directory);
  return plan;
}

function lineOf(reject: KeptReject): Buffer {
  return Buffer.from(rejectLine(reject, reject.time));
}

async function removeAll(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch (error) {
    throw ioError('remove', path, error);
  }
}
