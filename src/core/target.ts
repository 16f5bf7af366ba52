import type { Batch, ReasonCode } from './batch.js';
import type { OutputColumn } from './columns.js';
import type { Location, Mark } from './position.js';
import type { Records } from './records.js';

/** What a target promises about a record when a run is killed and resumed. */
export type Guarantee = 'exactly once' | 'at least once' | 'nothing is written';

/** Capabilities, as data. */
export interface TargetTraits {
  readonly guarantee: Guarantee;
  /** Why, in a sentence for the start of a run. */
  readonly because: string;
  /** Records a batch unless `--batch-size` says otherwise. */
  readonly batchSize: number;
  /**
   * Of targets that do not see where a batch ends, in milliseconds: batches have as many records as take so long, up to {@link batchSize}. `--batch-size` turns it off.
   */
  readonly batchTime?: number;
  /** False: hands records on as the source wrote them and never looks at cells, if source and target format agree. */
  readonly cells: boolean;
  /** Needs to know all columns before the first record (tables, CSV); false: a record may have keys of its own. */
  readonly fixedColumns: boolean;
  /** Batches that may be in flight at once with `--concurrency`; absent: one, and `write` is never called before the last call answered. */
  readonly concurrency?: number;
  /** True: the next record goes behind the mark, whichever job wrote what is before it (a file). Another job that writes to the same place has to begin there. */
  readonly grows?: boolean;
  /**
   * With {@link concurrency}: a batch counts as in flight until its checkpoint is durable, so that a kill repeats no more than is in flight. Without it batches that
   * are faster than checkpoints do not wait for them.
   */
  readonly confirmed?: boolean;
  /** Batches carry an idempotency key that depends on where they are cut. */
  readonly keyedByBatch?: boolean;
}

/** What a target is told when it is opened. */
export interface OpenTarget {
  readonly job: string;
  /** Identity of this incarnation of the job: new with every start from the beginning. */
  readonly jobId: string;
  /** Where the checkpoint says that the target is; null: from the beginning. */
  readonly mark: Mark | null;
  /** True if the job had finished and goes on because its input grew. */
  readonly finished: boolean;
  /** True if an unfinished run of the same job was given up for this one: what it left behind may be replaced. */
  readonly replaces: boolean;
  readonly columns: readonly OutputColumn[];
  /** What {@link Ledger.recall} answered; for a start from the beginning, the entry to begin with. */
  readonly ledger: string | null;
  /** False with `--no-checkpoint`: no ledger is kept and nothing needs to be durable before the end. */
  readonly checkpoints: boolean;
  /** Batches that will be in flight at once, at most. */
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** A record that a target did not take. */
export interface Refusal {
  /** Index of the record in the batch's records. */
  readonly index: number;
  readonly reason: ReasonCode;
  readonly message: string;
}

/** One attempt at a batch. */
export interface WriteBatch {
  readonly batch: Batch;
  /** The records to write: those of the batch, or what a transform made of them. */
  readonly records: Records;
  /** 1 for the job's first batch. A batch that was not done when a run ended gets another number in the next run; no two that were done share one. */
  readonly number: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Where `records[index]` stands in the source: for records that a transform made, the record that they came from. */
  locate(index: number): Location;
  /** Aborted when `--timeout` is over or a second SIGINT came. */
  readonly signal: AbortSignal;
  /** To be called when a part of the batch is done that no later attempt will do again: time and number of attempts begin anew. */
  progressed(): void;
  /**
   * For targets with a ledger: called once, inside the transaction and after every record was tried, with the refused ones. Makes their rejects
   * durable and answers the entry to put into the ledger before COMMIT.
   */
  seal(refused: readonly Refusal[]): Promise<string>;
  /**
   * For other targets that can take everything back: called as long as they can, after every record was tried. Throws a `record` error if a record of the
   * source would be written in part, or if `--max-errors` allows fewer refused ones. `seal` does so too.
   */
  demandWhole(refused: readonly Refusal[]): void;
}

/** What became of a batch. */
export interface Written {
  readonly mark: Mark;
  /** Records written: an independent count, made by the target. */
  readonly count: number;
  /** In order of their index. */
  readonly refused: readonly Refusal[];
}

/**
 * The checkpoint kept inside the target, written in the same transaction as the data. It wins over the checkpoint file.
 */
export interface Ledger {
  /** The newest entry for a job, as it was sealed; null where there is none. Called before `open`; changes nothing. */
  recall(job: string): Promise<string | null>;
  /** Replaces the entry without writing data: the job paused or finished. Throws `job_fenced` if another run took over. */
  record(entry: string): Promise<void>;
}

/**
 * Where records go. `open` first, then `write` a batch at a time, `close` once or more.
 *
 * Failures are thrown as `TrancheError`s: `transient` ones are tried again by the engine (nothing of the batch may have remained, where the target promises
 * exactly once; after `retryAfter` milliseconds where the error has it), a `record` error names the records at fault (`refusals`, or `index` for one) or makes
 * the engine halve the batch, everything else ends the run.
 */
export interface Target {
  /** As a person would name it, without secrets. */
  readonly name: string;
  readonly traits: TargetTraits;
  /** Only of targets that can write data and checkpoint in one transaction. */
  readonly ledger?: Ledger;
  /** Truncates or reconciles so that the target is exactly at the mark it answers. */
  open(how: OpenTarget): Promise<Mark>;
  /**
   * Need not be durable when it answers; a target that keeps a ledger has committed it by then, or is sure that no record can be refused any more and commits it later, in
   * order, before `sync` or `record` answer. The records' memory may be reused afterwards. A target whose last answer was lost may
   * find the same batch there at the next attempt: it answers then without sealing again.
   */
  write(how: WriteBatch): Promise<Written>;
  /**
   * Makes everything durable that was written before the call. An fsync that failed is never tried again: it throws, and so does every later call. A `transient` error
   * means that the target still has what it answered for, and that another call may succeed. The signal of `limit` is aborted when `--timeout` is over, which counts from
   * when it is asked for.
   */
  sync(limit?: { readonly signal: AbortSignal }): Promise<void>;
  /** `complete`: all records have been written and synced; puts the result in its final place, durably. Otherwise lets go, and keeps what is needed to go on. */
  close(complete: boolean): Promise<void>;
}
