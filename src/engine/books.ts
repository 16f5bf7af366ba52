import type { Reject } from '../core/reject.js';
import type { RejectStore } from '../core/state.js';
import type { Refusal, Written } from '../core/target.js';
import type { Progress } from './committer.js';
import { Frontier, type Passage } from './frontier.js';
import { endOf, type Portion } from './portion.js';
import { type Settled, settle, writtenIn } from './settle.js';

/** What the books need to know of a job. */
export interface BooksSettings {
  readonly rejects: RejectStore;
  /** Whether batches have to be cut again as they are: see {@link Frontier}. */
  readonly atBatches: boolean;
  /** Makes the ledger's entry for progress; only called for targets with a ledger. */
  entry(progress: Progress): Promise<string>;
}

/** A portion, or a piece of one, that is in the target. */
export interface Delivered {
  readonly rejects: readonly Reject[];
  readonly read: number;
}

/** What became of an attempt, where it was settled inside the target's transaction. */
export interface Settlement {
  settled: Settled | null;
}

/** How far the job got, kept for all batches in flight: entries are made one at a time, in the order in which the target answers. */
export class Books {
  readonly #settings: BooksSettings;
  readonly #frontier: Frontier;
  #progress: Progress;
  /** Settles when the newest entry is made. */
  #entered: Promise<unknown> = Promise.resolve();

  constructor(start: Progress, settings: BooksSettings) {
    this.#progress = start;
    this.#settings = settings;
    this.#frontier = new Frontier(start.position, start.ahead, settings.atBatches);
  }

  /** What the target has; it may not be durable yet. */
  get progress(): Progress {
    return this.#progress;
  }

  /** A portion sets out; to be called in the order of the input. */
  begin(portion: Portion): Passage {
    return this.#frontier.begin(portion, endOf(portion));
  }

  /** Every portion has arrived, and no other will set out. */
  close(): void {
    this.#frontier.close();
    this.#move();
  }

  /** A portion that an earlier run has done. */
  pass(portion: Portion): void {
    this.#frontier.advance(this.begin(portion), portion.read, endOf(portion));
    this.#move();
  }

  /** Inside the transaction of a target with a ledger: makes the rejects durable and answers the entry. Such a target has one batch in flight. */
  async seal(
    portion: Portion,
    passage: Passage,
    refused: readonly Refusal[],
    attempt: number,
    settlement: Settlement,
  ): Promise<string> {
    const { rejects } = this.#settings;
    settlement.settled = await settle(portion, passage.reached, refused, attempt, this.#progress, rejects);
    await rejects.sync();
    return await this.#settings.entry({
      ...this.#after(portion, settlement.settled),
      position: endOf(portion),
    });
  }

  /** Enters what the target answered. */
  async enter(
    portion: Portion,
    passage: Passage,
    written: Written,
    attempt: number,
    settlement: Settlement,
  ): Promise<Delivered> {
    return await this.#inTurn(async () => {
      const { reached } = passage;
      const { rejects } = this.#settings;
      const settled =
        settlement.settled ??
        (await settle(portion, reached, written.refused, attempt, this.#progress, rejects));
      const counted = this.#progress.counts.written + writtenIn(portion, written);
      const after = this.#after(portion, settled);
      this.#progress = { ...after, mark: written.mark, counts: { ...after.counts, written: counted } };
      this.#frontier.advance(passage, portion.read, endOf(portion));
      this.#move();
      return { rejects: settled.rejects, read: portion.read };
    });
  }

  #after(portion: Portion, { counts }: Settled): Progress {
    const batches = Math.max(this.#progress.batches, portion.number);
    return { ...this.#progress, counts, batches, rejects: this.#settings.rejects.bytes };
  }

  #move(): void {
    const { position, ahead } = this.#frontier;
    this.#progress = { ...this.#progress, position, ahead };
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#entered.then(work);
    this.#entered = turn.catch(() => undefined);
    return turn;
  }
}
