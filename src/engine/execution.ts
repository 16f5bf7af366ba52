import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputColumn } from '../core/columns.js';
import { TrancheError } from '../core/errors.js';
import type { Position } from '../core/position.js';
import type { Delivered, Delivery } from './attempt.js';
import { ErrorBudget } from './budget.js';
import { Checkpoints } from './checkpoints.js';
import { Committer, type Progress } from './committer.js';
import { deliver } from './deliver.js';
import type { Job } from './job.js';
import { learnColumns } from './learn-columns.js';
import { Pace, pacedBatch } from './pace.js';
import type { Portion } from './portion.js';
import { portionsOf } from './portions.js';
import { readBatches } from './read.js';
import type { Stop } from './stop.js';

/** The loop of one run, and how far it got. */
export class Execution {
  readonly budget: ErrorBudget;
  /** How many rejects there are for each reason. */
  readonly rejectedBy: Record<string, number> = {};
  /** How often a batch was tried again. */
  retries = 0;
  readonly #job: Job;
  readonly #stop: Stop;
  readonly #pace: Pace;
  #committer: Committer | null = null;
  #checkpoints: Checkpoints | null = null;
  #progress: Progress;

  constructor(job: Job, stop: Stop) {
    this.#job = job;
    this.#stop = stop;
    this.budget = new ErrorBudget(job.settings.maxErrors);
    this.#pace = new Pace(job.settings.pace);
    this.#progress = { ...job.start, mark: job.start.mark ?? {} };
  }

  /** What the target has; it may not be durable yet. */
  get progress(): Progress {
    return this.#progress;
  }

  /** The newest progress of which a checkpoint is durable. */
  get committed(): Progress {
    return this.#committer?.committed ?? this.#progress;
  }

  /** Null as long as the target is not open: there is nothing that a checkpoint could describe, and the one that is there stands. */
  get checkpoints(): Checkpoints | null {
    return this.#checkpoints;
  }

  /** Reads and writes until there is no more, or no more is wanted. */
  async copy(): Promise<void> {
    try {
      await this.#copyAll();
    } catch (error) {
      if (!this.#isStop(error)) throw error;
    }
  }

  /** Waits for the checkpoint that is under way. */
  async drain(): Promise<void> {
    await this.#committer?.drain();
  }

  async #copyAll(): Promise<void> {
    const portions = portionsOf(this.#job, this.#batches(), this.budget);
    const output = await this.#outputOf(portions);
    // Stopped before the columns were known: nothing can be begun.
    if (!output.columns) return;
    const checkpoints = await this.#openTarget(output.columns);
    const delivery = this.#delivery(checkpoints);
    for (const portion of output.portions) {
      await this.#step(portion, delivery);
      if (this.#stop.reason) return;
    }
    for await (const portion of portions) {
      await this.#step(portion, delivery);
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

  /** The columns to write, and the portions that had to be taken to learn them. */
  async #outputOf(portions: AsyncGenerator<Portion>): ReturnType<typeof learnColumns> {
    const { output, columns } = this.#job;
    if (output) return { columns: output, portions: [] };
    const learnt = await learnColumns(portions, columns);
    // A transform that lets nothing through leaves the source's columns; one that was stopped before leaves it open.
    const asInSource = columns.map((column, from) => ({ ...column, from }));
    return { ...learnt, columns: learnt.columns ?? (this.#stop.reason ? null : asInSource) };
  }

  async #openTarget(output: readonly OutputColumn[]): Promise<Checkpoints> {
    const { target, name, id, start, ledger, finished, replaces, store } = this.#job;
    const checkpoints = new Checkpoints(this.#job, output);
    const isFirst = start.mark === null && target.ledger;
    await this.#job.beginning();
    const mark = await target.open({
      job: name,
      jobId: id,
      mark: start.mark,
      // A start from the beginning is in the ledger as soon as it has emptied the table: the old checkpoint file may outlive a kill.
      ledger: isFirst ? await checkpoints.entry(this.#progress, 'running', null) : ledger,
      finished,
      replaces,
      columns: output,
      checkpoints: store !== null,
      concurrency: 1,
      signal: this.#stop.signal,
    });
    this.#progress = { ...this.#progress, mark };
    this.#checkpoints = checkpoints;
    await this.#job.begun();
    if (store) this.#committer = new Committer(this.#progress, progress => checkpoints.commit(progress));
    await checkpoints.save(this.#progress, 'running', null);
    return checkpoints;
  }

  /** Delivers one portion and counts it. */
  async #step(portion: Portion, delivery: Delivery): Promise<void> {
    await this.#pace.wait(this.#stop.signal);
    for await (const delivered of deliver(portion, this.#progress, delivery)) await this.#took(delivered);
    this.#pace.spend(portion.read, portion.batch.bytes);
    if (portion.endsBatch) portion.batch.release();
    const exceeded = this.budget.exceeded(false);
    if (exceeded) throw exceeded;
    if (portion.read > 0) this.#stop.countBatch();
  }

  async #took({ progress, rejects, read }: Delivered): Promise<void> {
    const { report, size, journal } = this.#job;
    this.#progress = progress;
    this.budget.spend(read, rejects);
    for (const reject of rejects) {
      this.rejectedBy[reject.reason] = (this.rejectedBy[reject.reason] ?? 0) + 1;
      report({ type: 'reject', reject });
      // Not waited for: a batch may have thousands, and nothing depends on the journal.
      void journal.write('reject', { ...reject.at, reason: reject.reason, message: reject.message });
    }
    report({ type: 'progress', counts: progress.counts, size, retries: this.retries });
    await this.#committer?.offer(progress);
  }

  #delivery(checkpoints: Checkpoints): Delivery {
    const { target, rejects, journal, settings, report } = this.#job;
    return {
      target,
      rejects,
      journal,
      retry: settings.retry,
      timeout: settings.timeout,
      signal: this.#stop.signal,
      report,
      entry: progress => checkpoints.entry({ ...progress, mark: this.#progress.mark }, 'running', null),
      retried: this.#retried,
    };
  }

  readonly #retried = (): void => {
    this.retries++;
  };
}
