import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputColumn } from '../core/columns.js';
import { TrancheError } from '../core/errors.js';
import type { Position } from '../core/position.js';
import { ErrorBudget } from './budget.js';
import { Committer, type Progress } from './committer.js';
import { type Delivered, type Delivery, deliver } from './deliver.js';
import type { Job, Outcome } from './job.js';
import { learnColumns } from './learn-columns.js';
import { Pace, pacedBatch } from './pace.js';
import type { Portion } from './portion.js';
import { portionsOf } from './portions.js';
import { readBatches } from './read.js';
import { Stop } from './stop.js';

/**
 * Runs a job until its input ends, it is stopped or it fails: reads a batch, transforms it, writes it, and hands its progress to the
 * committer. Never throws for what happens while running: the outcome says it. The caller closes the source.
 */
export async function run(job: Job): Promise<Outcome> {
  const { settings } = job;
  const stop = new Stop(job.signal, settings.maxDuration, settings.maxBatches);
  const execution = new Execution(job, stop);
  try {
    await execution.copy();
    return await execution.end();
  } catch (error) {
    return await execution.fail(error);
  } finally {
    stop.dispose();
  }
}

/** The state of one run. */
class Execution {
  readonly #job: Job;
  readonly #stop: Stop;
  readonly #budget: ErrorBudget;
  readonly #pace: Pace;
  readonly #rejectedBy: Record<string, number> = {};
  #committer: Committer | null = null;
  #opened = false;
  #output: readonly OutputColumn[] | null;
  #progress: Progress;
  #retries = 0;

  constructor(job: Job, stop: Stop) {
    this.#job = job;
    this.#stop = stop;
    this.#budget = new ErrorBudget(job.settings.maxErrors);
    this.#pace = new Pace(job.settings.pace);
    this.#output = job.output;
    this.#progress = { ...job.start, mark: job.start.mark ?? {} };
  }

  /** Reads and writes until there is no more, or no more is wanted. */
  async copy(): Promise<void> {
    try {
      await this.#copyAll();
    } catch (error) {
      if (!this.#isStop(error)) throw error;
    }
  }

  /** After {@link copy}: makes everything durable and closes the target. */
  async end(): Promise<Outcome> {
    await this.#committer?.drain();
    const stopped = this.#stop.reason;
    if (stopped) return await this.#conclude('paused', stopped);
    checkBalance(this.#progress);
    const exceeded = this.#budget.exceeded(true);
    if (exceeded) throw exceeded;
    await this.#makeDurable();
    await this.#job.target.close(true);
    const limited = this.#isLimited() ? '--limit' : null;
    return await this.#conclude('finished', limited);
  }

  /** Something went wrong: keeps what is durable, and says why. */
  async fail(cause: unknown): Promise<Outcome> {
    const error = asTrancheError(cause);
    await this.#committer?.drain().catch(() => undefined);
    await this.#job.target.close(false).catch(() => undefined);
    const progress = this.#committer?.committed ?? this.#progress;
    // Whoever read the output wanted no more: a quiet stop at the newest checkpoint.
    const closed = error.code === 'output_closed';
    const [status, because] = closed
      ? (['paused', 'output closed'] as const)
      : (['failed', error.message] as const);
    await this.#save(progress, status, because).catch(() => undefined);
    await this.#job.journal.write(status, closed ? { because } : { message: because });
    return this.#outcome(status, closed ? 'output closed' : null, closed ? null : error, progress);
  }

  async #copyAll(): Promise<void> {
    const portions = portionsOf(this.#job, this.#batches(), this.#budget);
    const early = await this.#learnOutput(portions);
    // Stopped before the columns were known: nothing can be begun.
    if (!this.#output) return;
    await this.#openTarget();
    for (const portion of early) {
      await this.#step(portion);
      if (this.#stop.reason) return;
    }
    for await (const portion of portions) {
      await this.#step(portion);
      if (this.#stop.reason) return;
      await nextTurn();
    }
  }

  /** Stopped while something was waited for: winding forward, or trying a batch again, which is left for the next run. */
  #isStop(error: unknown): boolean {
    if (this.#stop.reason === null) return false;
    return (
      error === this.#stop.signal.reason || (error instanceof TrancheError && error.kind === 'transient')
    );
  }

  #batches() {
    const { source, columns, settings, transformer, target, start, report, journal } = this.#job;
    const { records, bytes } = pacedBatch(settings.pace, settings.batchSize, settings.batchBytes);
    const { signal } = this.#stop;
    const open = (from: Position | null) =>
      source.open({
        from,
        limits: { records, bytes },
        columns,
        cells: target.traits.cells && !(transformer && columns.length === 0),
        signal,
        progressing: (what, done, total) => report({ type: 'phase', what, done, total }),
      });
    const { retry } = settings;
    return readBatches(open, start.position, { retry, journal, report, signal, retried: this.#retried });
  }

  async #learnOutput(portions: AsyncGenerator<Portion>): Promise<readonly Portion[]> {
    if (this.#output) return [];
    const learnt = await learnColumns(portions, this.#job.columns);
    // A transform that lets nothing through leaves the source's columns; one that was stopped before leaves it open.
    const asInSource = this.#job.columns.map((column, from) => ({ ...column, from }));
    this.#output = learnt.columns ?? (this.#stop.reason ? null : asInSource);
    return learnt.portions;
  }

  async #openTarget(): Promise<void> {
    const { target, name, id, start, ledger, finished, replaces, store } = this.#job;
    const mark = await target.open({
      job: name,
      jobId: id,
      mark: start.mark,
      // A start from the beginning is in the ledger as soon as it has emptied the table: the old checkpoint file may outlive a kill.
      ledger: start.mark === null ? await this.#firstEntry() : ledger,
      finished,
      replaces,
      columns: this.#output ?? [],
      checkpoints: store !== null,
      signal: this.#stop.signal,
    });
    this.#progress = { ...this.#progress, mark };
    this.#opened = true;
    await this.#job.begun();
    if (!store) return;
    this.#committer = new Committer(this.#progress, progress => this.#commit(progress));
    await this.#save(this.#progress, 'running', null);
  }

  /** Delivers one portion and counts it. */
  async #step(portion: Portion): Promise<void> {
    await this.#pace.wait(this.#stop.signal);
    for await (const delivered of deliver(portion, this.#progress, this.#delivery()))
      await this.#took(delivered);
    this.#pace.spend(portion.read, portion.batch.bytes);
    if (portion.endsBatch) portion.batch.release();
    const exceeded = this.#budget.exceeded(false);
    if (exceeded) throw exceeded;
    if (portion.read > 0) this.#stop.countBatch();
  }

  async #took({ progress, rejects, read }: Delivered): Promise<void> {
    const { report, size } = this.#job;
    this.#progress = progress;
    this.#budget.spend(read, rejects);
    for (const reject of rejects) {
      this.#rejectedBy[reject.reason] = (this.#rejectedBy[reject.reason] ?? 0) + 1;
      report({ type: 'reject', reject });
    }
    report({ type: 'progress', counts: progress.counts, size, retries: this.#retries });
    await this.#committer?.offer(progress);
  }

  #delivery(): Delivery {
    const { target, rejects, journal, settings, report } = this.#job;
    return {
      target,
      rejects,
      journal,
      retry: settings.retry,
      timeout: settings.timeout,
      signal: this.#stop.signal,
      report,
      entry: async ({ position, counts, rejects: bytes }) =>
        await this.#entry({ position, counts, rejects: bytes, mark: this.#progress.mark }, 'running', null),
      retried: this.#retried,
    };
  }

  readonly #retried = (): void => {
    this.#retries++;
  };

  /** The invariant: target durable, then rejects durable, then checkpoint durable, then the event. */
  async #commit(progress: Progress): Promise<void> {
    await this.#makeDurable();
    await this.#save(progress, 'running', null);
    this.#job.report({ type: 'checkpoint', counts: progress.counts });
  }

  async #makeDurable(): Promise<void> {
    await this.#job.target.sync();
    await this.#job.rejects.sync();
  }

  async #conclude(status: 'finished' | 'paused', because: string | null): Promise<Outcome> {
    const { target, store, journal } = this.#job;
    if (target.ledger && store && this.#opened)
      await target.ledger.record(await this.#entry(this.#progress, status, because));
    if (status === 'paused') {
      if (this.#opened) await this.#makeDurable();
      await target.close(false);
    }
    await this.#save(this.#progress, status, because);
    await journal.write(status, {
      read: this.#progress.counts.read,
      ...(because === null ? {} : { because }),
    });
    return this.#outcome(status, status === 'paused' ? this.#stop.reason : null, null, this.#progress);
  }

  /** As long as the target is not open there is nothing that a checkpoint could describe: the one that is there stands. */
  async #save(
    progress: Progress,
    status: 'running' | 'paused' | 'failed' | 'finished',
    because: string | null,
  ): Promise<void> {
    const { store } = this.#job;
    if (store && this.#opened)
      await store.save(await this.#job.checkpoint(progress, status, because, this.#learnt()));
  }

  async #firstEntry(): Promise<string | null> {
    return this.#job.target.ledger ? await this.#entry(this.#progress, 'running', null) : null;
  }

  async #entry(
    progress: Progress,
    status: 'running' | 'paused' | 'finished',
    because: string | null,
  ): Promise<string> {
    return this.#job.entry(await this.#job.checkpoint(progress, status, because, this.#learnt()));
  }

  /** The columns that only the transform's records told. */
  #learnt(): readonly OutputColumn[] | null {
    return this.#job.transformer ? this.#output : null;
  }

  #isLimited(): boolean {
    const { read, skipped } = this.#progress.counts;
    return this.#job.settings.limit !== undefined && read - skipped >= this.#job.settings.limit;
  }

  #outcome(
    status: Outcome['status'],
    stopped: Outcome['stopped'],
    error: TrancheError | null,
    progress: Progress,
  ): Outcome {
    return { status, stopped, error, progress, retries: this.#retries, rejectedBy: this.#rejectedBy };
  }
}

/** Every record read has to be accounted for; the four counters are counted in four places. */
function checkBalance({ counts }: Progress): void {
  const { read, written, rejected, filtered, skipped } = counts;
  if (read === written + rejected + filtered + skipped) return;
  throw new TrancheError(
    'imbalance',
    `${read} records were read, but ${written} written, ${rejected} rejected, ${filtered} filtered and ${skipped} skipped: ${read - written - rejected - filtered - skipped} are unaccounted for`,
    { hint: 'this is a defect of tranche or of the target: please report it' },
  );
}

function asTrancheError(cause: unknown): TrancheError {
  if (cause instanceof TrancheError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new TrancheError('internal', message, { cause });
}
