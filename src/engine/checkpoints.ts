import type { JobStatus } from '../core/checkpoint.js';
import type { OutputColumn } from '../core/columns.js';
import { isOfKind } from '../core/errors.js';
import type { Progress } from './committer.js';
import type { Job } from './job.js';
import { TimeLimit } from './time-limit.js';
import { waitForRetry } from './wait-for-retry.js';

/** Makes the progress of a run durable, as a checkpoint and as the ledger's entry. */
export class Checkpoints {
  readonly #job: Job;
  /** The columns that only the transform's records told. */
  readonly #learnt: readonly OutputColumn[] | null;

  constructor(job: Job, output: readonly OutputColumn[]) {
    this.#job = job;
    this.#learnt = job.transformer ? output : null;
  }

  /** The invariant: target durable, then rejects durable, then checkpoint durable, then the event. */
  async commit(progress: Progress): Promise<void> {
    await makeDurable(this.#job);
    await this.save(progress, 'running', null);
    const { read, written, rejected } = progress.counts;
    await this.#job.journal.write('checkpoint', { read, written, rejected });
    this.#job.report({ type: 'checkpoint', counts: progress.counts });
  }

  /** Nothing with `--no-checkpoint`. */
  async save(progress: Progress, status: JobStatus, because: string | null): Promise<void> {
    await this.#job.store?.save(await this.#job.checkpoint(progress, status, because, this.#learnt));
  }

  /** Says in the ledger how the run ended, where the target keeps one. */
  async record(progress: Progress, status: JobStatus, because: string | null): Promise<void> {
    const { target, store } = this.#job;
    if (target.ledger && store) await target.ledger.record(await this.entry(progress, status, because));
  }

  /** The text of a ledger entry. */
  async entry(progress: Progress, status: JobStatus, because: string | null): Promise<string> {
    return this.#job.entry(await this.#job.checkpoint(progress, status, because, this.#learnt));
  }
}

/** Flushes what was written to the target, then what was rejected. Tries again what is transient. */
export async function makeDurable({ target, rejects, ...how }: Job): Promise<void> {
  const { retry, timeout } = how.settings;
  for (let attempt = 1; ; attempt++) {
    const limit = new TimeLimit(timeout, how.abandon);
    try {
      await target.sync(limit);
      break;
    } catch (error) {
      if (!isOfKind(error, 'transient')) throw error;
      await waitForRetry(error, attempt, { ...how, retry, retried: () => undefined });
    } finally {
      limit.end();
    }
  }
  await rejects.sync();
}
