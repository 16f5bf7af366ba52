import { type Counts, noCounts } from '../core/checkpoint.js';
import type { Event } from '../core/events.js';
import type { SourceSize } from '../core/source.js';
import { breakerLine } from './messages.js';

/** Milliseconds over which the present speed is taken. */
const WINDOW = 5000;
/** Milliseconds between two samples of the window. */
const SAMPLE = 250;

interface Sample {
  readonly at: number;
  readonly records: number;
  readonly bytes: number;
}

/** Something slow that is going on instead of copying. */
export interface Phase {
  readonly what: string;
  readonly done: number | undefined;
  readonly total: number | undefined;
}

/** Batches in flight, of how many, and those that wait for their turn. */
export type Flow = Omit<Extract<Event, { type: 'flow' }>, 'type'>;

/** What the events of a run add up to. Times are milliseconds of a clock that only goes forward. */
export class Progress {
  counts: Counts = noCounts;
  size: SourceSize = {};
  retries = 0;
  phase: Phase | null = null;
  /** Batches in flight; null where there is one at a time. */
  flow: Flow | null = null;
  /** Milliseconds that batches waited for `--rate`. */
  held = 0;
  /** True from the first `started` or `progress` event. */
  running = false;
  #samples: Sample[] = [];

  apply(event: Event, now: number): void {
    switch (event.type) {
      case 'started':
      case 'progress':
        this.running = true;
        this.phase = null;
        this.counts = event.counts;
        this.size = event.size;
        if (event.type === 'progress') this.retries = event.retries;
        this.#sample(now);
        break;
      case 'phase':
        this.phase = event.what === null ? null : { what: event.what, done: event.done, total: event.total };
        break;
      case 'breaker':
        this.phase =
          event.pause === null ? null : { what: breakerLine(event), done: undefined, total: undefined };
        break;
      case 'flow':
        this.flow = event;
        break;
      case 'held':
        this.held = event.time;
        break;
      case 'retry':
        // How many there were in all comes with the next progress.
        this.retries++;
        break;
      case 'checkpoint':
      case 'reject':
      case 'warning':
      case 'log':
      case 'ended':
        break;
      default:
        event satisfies never;
    }
  }

  /** From 0 to 1, of the whole job; null where the total is not known. */
  get share(): number | null {
    const total = this.total;
    return total === null ? null : total === 0 ? 1 : Math.min(1, this.done / total);
  }

  /** Bytes or records of input, whichever has a known total. */
  get total(): number | null {
    return this.size.bytes ?? this.size.records ?? null;
  }

  /** In the unit of {@link total}. */
  get done(): number {
    return this.size.bytes !== undefined || this.size.records === undefined
      ? this.counts.bytes
      : this.counts.read;
  }

  /** Records a second, over the last seconds of this run; null while too little is known. */
  rate(now: number): number | null {
    return this.#speed(now, sample => sample.records);
  }

  /** Milliseconds until the end at the present speed; null where that is not known. */
  remaining(now: number): number | null {
    const speed = this.#speed(now, sample => (this.size.bytes === undefined ? sample.records : sample.bytes));
    if (this.total === null || speed === null || speed === 0) return null;
    return (Math.max(0, this.total - this.done) / speed) * 1000;
  }

  #speed(now: number, amount: (sample: Sample) => number): number | null {
    const first = this.#samples.find(sample => sample.at >= now - WINDOW) ?? this.#samples.at(-1);
    if (first === undefined || now - first.at < SAMPLE) return null;
    const latest = { at: now, records: this.counts.read, bytes: this.counts.bytes };
    return ((amount(latest) - amount(first)) / (now - first.at)) * 1000;
  }

  #sample(now: number): void {
    const last = this.#samples.at(-1);
    if (last !== undefined && now - last.at < SAMPLE) return;
    this.#samples.push({ at: now, records: this.counts.read, bytes: this.counts.bytes });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= now - WINDOW) this.#samples.shift();
  }
}
