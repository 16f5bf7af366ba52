import type { TrancheError } from '../core/errors.js';
import type { FlowSummary } from '../core/events.js';
import { BatchSizing } from './batch-sizing.js';
import { Breaker } from './breaker.js';
import type { Job } from './job.js';
import { Lanes } from './lanes.js';
import { Pace } from './pace.js';
import type { Portion } from './portion.js';
import { Throttle } from './throttle.js';

/** What goes on between a run and its target: batches in flight and their size, pace, overload and outages, and what is told of them. */
export class Traffic {
  readonly lanes: Lanes;
  readonly pace: Pace;
  readonly breaker: Breaker;
  readonly throttle: Throttle;
  readonly sizing: BatchSizing;
  readonly #job: Job;
  #inFlight = 0;
  #breaks = 0;
  #breakTime = 0;
  #opened: number | null = null;

  constructor(job: Job) {
    const { concurrency, adaptive, breaker, pace } = job.settings;
    this.#job = job;
    this.sizing = new BatchSizing(job.settings);
    this.throttle = new Throttle(concurrency, adaptive);
    this.lanes = new Lanes(() => this.throttle.limit);
    this.pace = new Pace(pace, () => this.#onHeld());
    this.breaker = new Breaker(breaker, {
      opened: (error, pause) => this.#onOpened(error, pause),
      closed: () => this.#onClosed(),
    });
  }

  /** Of the run so far. */
  get summary(): FlowSummary {
    const { waits: paced, waited } = this.pace;
    const open = this.#opened === null ? 0 : performance.now() - this.#opened;
    return {
      inFlight: this.#inFlight,
      paced,
      pacedTime: Math.round(waited),
      breaks: this.#breaks,
      breakTime: Math.round(this.#breakTime + open),
    };
  }

  /** A portion went through in so many milliseconds, at the first attempt: a later one may have had less to do. */
  succeeded({ read, records }: Pick<Portion, 'read' | 'records'>, milliseconds: number): void {
    if (records.count === 0) return;
    // Batches are cut before a transform makes more or fewer records of them.
    this.sizing.took(read, milliseconds);
    this.throttle.succeeded(this.sizing.isTimed ? milliseconds / records.count : milliseconds);
  }

  /** To be called when a batch sets out, waits or arrives. */
  tell(): void {
    const { active } = this.lanes;
    this.#inFlight = Math.max(this.#inFlight, active);
    if (this.#job.settings.concurrency === 1) return;
    const { waiting } = this.pace;
    this.#job.report({ type: 'flow', inFlight: active, limit: this.throttle.limit, waiting });
  }

  #onHeld(): void {
    const { waits, waited } = this.pace;
    this.#job.report({ type: 'held', waits, time: waited });
    this.tell();
  }

  #onOpened(error: TrancheError, pause: number): void {
    if (this.#opened === null) this.#breaks++;
    this.#opened ??= performance.now();
    this.#job.report({ type: 'breaker', pause, error });
    void this.#job.journal.write('breaker', { open: true, pause: Math.round(pause), message: error.message });
  }

  #onClosed(): void {
    this.#breakTime += performance.now() - (this.#opened ?? performance.now());
    this.#opened = null;
    this.#job.report({ type: 'breaker', pause: null, error: null });
    void this.#job.journal.write('breaker', { open: false });
  }
}
