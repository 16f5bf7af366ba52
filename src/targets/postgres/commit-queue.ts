import { isOfKind, TrancheError } from '../../core/errors.js';
import { GrowingBuffer } from '../growing-buffer.js';
import type { EncodedRecords } from './copy-encoder.js';

/** Bytes that wait at most while the server is busy, and what it begins with. What has gathered by then is one transaction: the larger, the less is spent between two. */
export const MOST_WAITING = 4 * 1024 * 1024;
const FIRST_WAITING = 512 * 1024;
const LEAST_WAITING = 64 * 1024;
/** Milliseconds of a commit up to which the next may be larger, and from which it is to be smaller. */
const SHORT = 250;
const LONG = 1000;

/** Consecutive batches that are committed as one, with the entry of the last. */
export interface Group {
  /** What stands in the parentheses of `COPY … WITH (…)`. */
  readonly options: string;
  readonly bytes: Buffer;
  readonly records: number;
  readonly entry: string;
  /** Rows that the job has written with this group. */
  readonly rows: number;
}

interface OpenGroup {
  readonly options: string;
  readonly buffer: GrowingBuffer;
  records: number;
  entry: string;
  rows: number;
  /** Takes no more batches. */
  sent: boolean;
}

/**
 * Batches that were answered for and are on their way: records that the server is sure to take, which makes it safe to go on before it has. They are committed
 * in their order. What a broken connection took with it is kept here, to be sent again.
 */
export class CommitQueue {
  readonly #groups: OpenGroup[] = [];
  readonly #free: GrowingBuffer[] = [];
  readonly #commit: (group: Group) => Promise<void>;
  #most = FIRST_WAITING;
  #working = false;
  #failure: unknown = null;
  #waiting: (() => void)[] = [];

  /** `commit` sends a group and answers once it is durable. */
  constructor(commit: (group: Group) => Promise<void>) {
    this.#commit = commit;
  }

  /** Waits until there is room for a batch. Throws what a commit threw. */
  async room(): Promise<void> {
    await this.#until(() => this.#bytesWaiting() < this.#most);
  }

  /** Waits until everything that was added before is committed. Throws what a commit threw. */
  async settled(): Promise<void> {
    const last = this.#groups.at(-1);
    await this.#until(() => last === undefined || !this.#groups.includes(last));
  }

  /** Adds a batch behind the others. `rows`: what the job has written with it. */
  add(encoded: EncodedRecords, records: number, entry: string, rows: number): void {
    const last = this.#groups.at(-1);
    const group =
      last && !last.sent && last.options === encoded.options ? last : this.#open(encoded.options, rows);
    const more = group.records === 0 ? encoded.content : encoded.continuation;
    group.buffer.reserve(more.length);
    group.buffer.length += more.copy(group.buffer.bytes, group.buffer.length);
    group.records += records;
    group.entry = entry;
    group.rows = rows;
    this.#work();
  }

  /** Whether everything that was added is committed. */
  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** What a commit threw; nothing more is sent until {@link goOn}. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Whether the ledger may hold this entry. */
  has(entry: string | null): boolean {
    return this.#groups.some(group => group.entry === entry);
  }

  /**
   * Goes on after a failure. `entry` is what the ledger holds: groups up to the one with this entry are there, the others are sent again.
   */
  goOn(entry: string | null): void {
    const there = this.#groups.findIndex(group => group.entry === entry) + 1;
    for (const group of this.#groups.splice(0, there)) this.#recycle(group);
    this.#failure = null;
    this.#wake();
    this.#work();
  }

  #open(options: string, rows: number): OpenGroup {
    const buffer = this.#free.pop() ?? new GrowingBuffer();
    buffer.length = 0;
    const group = { options, buffer, records: 0, entry: '', rows, sent: false };
    this.#groups.push(group);
    return group;
  }

  #work(): void {
    if (this.#working || this.#failure !== null) return;
    this.#working = true;
    void this.#commitAll().finally(() => {
      this.#working = false;
      this.#wake();
    });
  }

  async #commitAll(): Promise<void> {
    try {
      for (let group = this.#groups[0]; group; group = this.#groups[0]) {
        group.sent = true;
        const began = performance.now();
        await this.#commit({ ...group, bytes: group.buffer.content });
        this.#adapt(performance.now() - began);
        this.#groups.shift();
        this.#recycle(group);
        this.#wake();
      }
    } catch (error) {
      this.#failure = unexpected(error);
    }
  }

  #adapt(milliseconds: number): void {
    if (milliseconds < SHORT) this.#most = Math.min(2 * this.#most, MOST_WAITING);
    if (milliseconds > LONG) this.#most = Math.max(this.#most / 2, LEAST_WAITING);
  }

  #recycle({ buffer }: OpenGroup): void {
    if (this.#free.length < 2) this.#free.push(buffer);
  }

  #bytesWaiting(): number {
    const last = this.#groups.at(-1);
    return last && !last.sent ? last.buffer.length : 0;
  }

  async #until(isSo: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure;
      if (isSo()) return;
      await new Promise<void>(resolve => this.#waiting.push(resolve));
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** A record that was sure to be taken and was not: the batch has been answered for and can only be rejected by another run, which begins with care. */
function unexpected(error: unknown): unknown {
  if (!isOfKind(error, 'record')) return error;
  return new TrancheError(error.code, error.message, {
    ...(error.path === undefined ? {} : { path: error.path }),
    cause: error,
    hint: 'the table has been changed while it was written: go on with --resume, which looks for the record',
  });
}
