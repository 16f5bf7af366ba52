import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OutputColumn } from '../core/columns.js';
import { isOfKind } from '../core/errors.js';
import type { FlowSummary, PassedOver } from '../core/events.js';
import type { Position } from '../core/position.js';
import { Books, type Delivered } from './books.js';
import { ErrorBudget } from './budget.js';
import { Checkpoints } from './checkpoints.js';
import { Committer, type Progress } from './committer.js';
import { cutsAgain } from './cuts-again.js';
import { deliver } from './deliver.js';
import type { Delivery } from './delivery.js';
import { Holds } from './holds.js';
import type { Job } from './job.js';
import { learnColumns } from './learn-columns.js';
import type { Portion } from './portion.js';
import { portionsOf } from './portions.js';
import { readBatches } from './read.js';
import type { Stop } from './stop.js';
import { Traffic } from './traffic.js';

/** Milliseconds that a checkpoint takes, more or less: a batch that took longer can wait for its own. */
const CHECKPOINT = 2;

/**
 * Share of its own time that a batch may wait for a checkpoint to begin. Measured with 16 batches of 65 ms in flight: a third of the checkpoints, each of which takes
 * the machine 1.2 milliseconds of CPU time, and a tenth more requests; batches that wait together go on together and end together.
 */
const SHARED_WAIT = 1 / 2;

/** Milliseconds between the ends of two batches from which on each has a checkpoint of its own: nobody would come in time. */
const RARE = 25;

/** Milliseconds after which signals and other input have their turn, however fast the batches are. */
const MOST_WITHOUT_TURN = 2;

/** The loop of one run, and how far it got. */
export class Execution {
  readonly budget: ErrorBudget;
  /** How many rejects there are for each reason. */
  readonly rejectedBy: Record<string, number> = {};
  /** How often a batch was tried again. */
  retries = 0;
  /** What the source had to pass over before its first record. */
  passedOver: PassedOver | null = null;
  readonly #job: Job;
  readonly #stop: Stop;
  readonly #traffic: Traffic;
  readonly #holds = new Holds();
  /** Batches that wait for their checkpoint. */
  #confirming = 0;
  /** Aborted when the run is to stop, or fails. */
  readonly #ending: AbortSignal;
  #committer: Committer | null = null;
  #checkpoints: Checkpoints | null = null;
  /** Null as long as the target is not open. */
  #books: Books | null = null;

  constructor(job: Job, stop: Stop) {
    this.#job = job;
    this.#stop = stop;
    this.budget = new ErrorBudget(job.settings.maxErrors);
    this.#traffic = new Traffic(job);
    this.#ending = AbortSignal.any([stop.signal, this.#traffic.lanes.signal]);
  }

  /** What the target has; it may not be durable yet. */
  get progress(): Progress {
    return this.#books?.progress ?? { ...this.#job.start, mark: this.#job.start.mark ?? {} };
  }

  /** How the batches went. */
  get flow(): FlowSummary {
    return this.#traffic.summary;
  }

  /** The newest progress of which a checkpoint is durable. */
  get committed(): Progress {
    return this.#committer?.committed ?? this.progress;
  }

  /** Null as long as the target is not open: there is nothing that a checkpoint could describe, and the one that is there stands. */
  get checkpoints(): Checkpoints | null {
    return this.#checkpoints;
  }

  /** Reads and writes until there is no more, or no more is wanted. */
  async copy(): Promise<void> {
    await this.#untilStop(this.#copyAll());
  }

  /** What a stop cuts short is no failure, and hides none. */
  async #untilStop(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#isStop(error)) throw error;
    }
  }

  /** Waits for the checkpoint of what was delivered. */
  async drain(): Promise<void> {
    await this.#committer?.confirm();
  }

  async #copyAll(): Promise<void> {
    const portions = portionsOf(this.#job, this.#batches(), this.budget, this.#ending);
    const output = await this.#outputOf(portions);
    // Stopped before the columns were known: nothing can be begun.
    if (!output.columns) return;
    const books = await this.#openTarget(output.columns);
    const { lanes } = this.#traffic;
    const delivery = this.#delivery(books);
    try {
      await this.#dispatch(chained(output.portions, portions), delivery);
    } catch (error) {
      // Reading ends with the first lane that fails.
      await lanes.end();
      throw error;
    }
    await lanes.end();
    this.#stop.enough();
    if (!this.#stop.reason) books.close();
  }

  /** Sends portions out in the order of the input, each as soon as there is a lane for it. */
  async #dispatch(portions: AsyncIterable<Portion>, delivery: Delivery): Promise<void> {
    const { lanes } = this.#traffic;
    let turnDue = 0;
    for await (const portion of portions) {
      // What people's code was at work on when the stop came is a batch in hand; what was only read is not.
      if (this.#stop.reason && portion.origins === null) return;
      if (portion.passed) {
        delivery.books.pass(portion);
        this.#holds.pass(portion);
        continue;
      }
      lanes.begin(() => this.#untilStop(this.#step(portion, delivery)));
      if (portion.read > 0 && this.#stop.countBatch()) return;
      await lanes.free();
      if (performance.now() < turnDue) continue;
      await nextTurn();
      turnDue = performance.now() + MOST_WITHOUT_TURN;
    }
  }

  /** Stopped while something was waited for: winding forward, people's code, or trying a batch again, which is left for the next run. */
  #isStop(error: unknown): boolean {
    if (this.#stop.reason === null) return false;
    const reasons = [this.#stop.signal.reason, this.#job.signal.reason];
    return reasons.includes(error) || isOfKind(error, 'transient');
  }

  #batches() {
    const { source, columns, settings, transformer, target, start, report, journal } = this.#job;
    const signal = this.#ending;
    const open = (from: Position | null) =>
      source.open({
        from,
        limits: this.#traffic.sizing,
        columns,
        cells: target.traits.cells && !(transformer && columns.length === 0),
        signal,
        progressing: (what, done, total) => {
          if (done === total) this.passedOver = { what, bytes: done };
          report({ type: 'phase', what, done, total });
        },
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

  async #openTarget(output: readonly OutputColumn[]): Promise<Books> {
    const { target, name, id, start, ledger, finished, replaces, store, settings, rejects } = this.#job;
    const checkpoints = new Checkpoints(this.#job, output);
    const isFirst = start.mark === null && target.ledger;
    await this.#job.beginning();
    const mark = await target.open({
      job: name,
      jobId: id,
      mark: start.mark,
      // A start from the beginning is in the ledger as soon as it has emptied the table: the old checkpoint file may outlive a kill.
      ledger: isFirst ? await checkpoints.entry(this.progress, 'running', null) : ledger,
      finished,
      replaces,
      columns: output,
      checkpoints: store !== null,
      concurrency: settings.concurrency,
      signal: this.#stop.signal,
    });
    const progress = { ...this.progress, mark };
    const books = new Books(progress, {
      rejects,
      atBatches: cutsAgain(target),
      entry: after => checkpoints.entry(after, 'running', null),
    });
    this.#books = books;
    this.#checkpoints = checkpoints;
    await this.#job.begun();
    if (store) this.#committer = new Committer(progress, newest => checkpoints.commit(newest));
    await checkpoints.save(progress, 'running', null);
    return books;
  }

  /** Delivers one portion and counts it. */
  async #step(portion: Portion, delivery: Delivery): Promise<void> {
    const began = performance.now();
    const passage = delivery.books.begin(portion);
    this.#holds.hold(portion);
    this.#traffic.tell();
    for await (const delivered of deliver(portion, passage, delivery)) {
      await this.#took(delivered);
      if (this.budget.left < 0) break;
    }
    const exceeded = this.budget.exceeded(false);
    if (exceeded) throw exceeded;
    this.#holds.free(portion);
    const took = performance.now() - began;
    if (this.#isWorthWaiting(took)) await this.#confirm(took);
  }

  /** Whether a batch counts as in flight until its checkpoint is durable. */
  #isWorthWaiting(milliseconds: number): boolean {
    const { concurrency, confirmed } = this.#job.target.traits;
    return concurrency !== undefined && (confirmed === true || milliseconds >= CHECKPOINT);
  }

  /** A batch that took so many milliseconds waits a part of them for others, so that one checkpoint is for all; not when all wait already, or hardly ever one ends. */
  async #confirm(milliseconds: number): Promise<void> {
    this.#confirming++;
    const { active } = this.#traffic.lanes;
    const isAlone = this.#confirming === active || milliseconds / active > RARE;
    await this.#committer?.confirm(isAlone ? 0 : milliseconds * SHARED_WAIT);
    this.#confirming--;
  }

  async #took({ rejects, read }: Delivered): Promise<void> {
    const { report, size, journal } = this.#job;
    this.budget.spend(read, rejects);
    for (const reject of rejects) {
      this.rejectedBy[reject.reason] = (this.rejectedBy[reject.reason] ?? 0) + 1;
      report({ type: 'reject', reject });
      // Not waited for: a batch may have thousands, and nothing depends on the journal.
      void journal.write('reject', { ...reject.at, reason: reject.reason, message: reject.message });
    }
    report({ type: 'progress', counts: this.progress.counts, size, retries: this.retries });
    this.#traffic.tell();
    await this.#committer?.offer(this.progress);
  }

  #delivery(books: Books): Delivery {
    const { target, journal, settings, report, abandon } = this.#job;
    const { retry, timeout } = settings;
    const signal = this.#ending;
    // Every batch in flight listens.
    setMaxListeners(0, signal, ...(abandon ? [abandon] : []));
    const traffic = this.#traffic;
    return {
      target,
      books,
      traffic,
      budget: this.budget,
      journal,
      retry,
      timeout,
      signal,
      abandon,
      report,
      retried: this.#retried,
    };
  }

  readonly #retried = (): void => {
    this.retries++;
  };
}

async function* chained(first: Iterable<Portion>, then: AsyncIterable<Portion>): AsyncGenerator<Portion> {
  yield* first;
  yield* then;
}
