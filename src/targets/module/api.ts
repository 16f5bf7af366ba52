import type { Column } from '../../core/columns.js';
import type { Location } from '../../core/position.js';
import type { RecordObject } from '../../core/records.js';
import type { Rejection, RejectRecords, RetryLater } from './answers.js';

/** Takes what a module has to say: it goes to `--log-file`, and to the screen with `--verbose`; warnings go to the screen in any case. */
export interface ModuleLog {
  info(message: string): void;
  warn(message: string): void;
}

/** What a module is told about the batch in hand. Everything is looked up when it is asked for. */
export interface BatchContext {
  readonly job: string;
  /** Number of the batch in the job, from 1. */
  readonly batch: number;
  /** 1 for the first attempt at the batch. */
  readonly attempt: number;
  /** Where the first of the records stands in the source. */
  readonly start: Location;
  /** Where the last of the records stands in the source. */
  readonly end: Location;
  /** 64 hexadecimal digits: the same for the same records of the same job, after any restart and at every attempt. */
  readonly idempotencyKey: string;
  /** Aborted when `--timeout` is over, or a second SIGINT came. The batch may be handed over again then: stop what is under way. */
  readonly signal: AbortSignal;
  readonly log: ModuleLog;
  /**
   * For modules that keep a {@link ModuleLedger}: the text to store in the transaction of the records. To be called once a batch, after every record was
   * tried, with those that were refused.
   */
  entry(refused?: readonly Rejection[]): Promise<string>;
}

/**
 * Receives the records of a batch, which are its own to change: integers as numbers, beyond 2^53 as `bigint`; decimals, dates and text as strings; JSON with
 * the types it has. A throw is tried again, up to `--retries` times, and then ends the run: see {@link RejectRecords} and {@link RetryLater} for other ends.
 * Of what it answers, or the promise that it answers, only {@link RejectRecords} and {@link RetryLater} mean anything. A batch that was in flight when a run ended
 * is handed over again.
 */
export type BatchFunction = (records: RecordObject[], context: BatchContext) => unknown;

/** What a module is told before its first batch. */
export interface OpenContext {
  readonly job: string;
  /** False if the job begins from the beginning: what an earlier start left may be removed. */
  readonly resumed: boolean;
  /** Columns of the records; empty where each record has keys of its own. */
  readonly columns: readonly Pick<Column, 'name' | 'type'>[];
  /** Batches that will be in flight at once, at most. */
  readonly concurrency: number;
  /** Aborted when the run is to stop. */
  readonly signal: AbortSignal;
  readonly log: ModuleLog;
}

/**
 * A ledger of the module's own: the newest entry of each job, stored in the same transaction as the records. It makes a job exactly once.
 * `recall` is called before `open`, and the last `record` after `close`.
 */
export interface ModuleLedger {
  /** The entry that was stored last for a job, as it was; null if there is none. Changes nothing. */
  recall(job: string): string | null | undefined | Promise<string | null | undefined>;
  /** Replaces the entry of a job, where no records go with it: the job began, paused or finished. */
  record(job: string, entry: string): void | Promise<void>;
}

/** The default export of a module that is more than a function. */
export interface BatchTarget {
  /** Called once before the first batch. */
  open?(context: OpenContext): void | Promise<void>;
  /** Called for each batch; several times at once with `--concurrency`. */
  write(records: RecordObject[], context: BatchContext): unknown;
  /** Called once at the end. `complete`: all records have been written; otherwise the job goes on in another run. */
  close?(complete: boolean): void | Promise<void>;
  /** Records a batch unless `--batch-size` says otherwise (1000). */
  readonly batchSize?: number;
  /** Batches that may be in flight at once, at most (any number; 1 with a ledger). */
  readonly concurrency?: number;
  /** What is shown at the start of a run: `exactly once` with a ledger, else `at least once`. */
  readonly guarantee?: 'exactly once' | 'at least once';
  readonly ledger?: ModuleLedger;
}
