import type { BatchLimits } from '../core/source.js';
import type { Settings } from './job.js';

/** Records of the first batches: nothing is known of the other side yet, which may take seconds for one, and some sources have cut many before the first is written. */
const FIRST = 10;
/** Weight of a new measurement. */
const SMOOTHING = 1 / 4;

/**
 * When batches are full. Where the target does not see their ends (a request a record) they are made to take a certain time, whatever a record takes: large enough that their
 * ends cost nothing beside a fast server, small enough that a stop need not wait long for a slow one, that a kill repeats little, and that few records are shared by all lanes.
 */
export class BatchSizing implements BatchLimits {
  readonly bytes: number;
  readonly #most: number;
  /** Milliseconds; null: all batches have as many records as they may. */
  readonly #time: number | null;
  #records: number;

  constructor({
    batchSize,
    batchBytes,
    batchTime,
  }: Pick<Settings, 'batchSize' | 'batchBytes' | 'batchTime'>) {
    this.bytes = batchBytes;
    this.#most = batchSize;
    this.#time = batchTime;
    this.#records = batchTime === null ? batchSize : Math.min(FIRST, batchSize);
  }

  /** Of the next batch. */
  get records(): number {
    return Math.max(1, Math.round(this.#records));
  }

  /** Whether batches are as large as the time lets them be. */
  get isTimed(): boolean {
    return this.#time !== null;
  }

  /** A batch of so many records of the source took so many milliseconds. */
  took(records: number, milliseconds: number): void {
    if (this.#time === null) return;
    const fitting = Math.min(this.#most, (records * this.#time) / milliseconds);
    this.#records += (fitting - this.#records) * SMOOTHING;
  }
}
