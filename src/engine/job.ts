import type { Checkpoint, JobStatus } from '../core/checkpoint.js';
import type { Column, OutputColumn } from '../core/columns.js';
import type { TrancheError } from '../core/errors.js';
import type { FlowSummary, PassedOver, Report, StopReason } from '../core/events.js';
import type { Source, SourceSize } from '../core/source.js';
import type { CheckpointStore, Journal, RejectStore } from '../core/state.js';
import type { Target } from '../core/target.js';
import type { BreakerPolicy } from './breaker.js';
import type { ErrorLimit } from './budget.js';
import type { Progress } from './committer.js';
import type { PaceLimits } from './pace.js';
import type { RetryPolicy } from './retry.js';
import type { Transformer } from './transform.js';

/** How a run behaves; none of it changes what is written. Times in milliseconds, sizes in bytes. */
export interface Settings {
  /** Records of a batch at most. */
  readonly batchSize: number;
  readonly batchBytes: number;
  /** How long a batch is to take; null: it is as large as it may be. */
  readonly batchTime: number | null;
  /** Batches in flight at most. */
  readonly concurrency: number;
  /** How many are in flight is found out on the way. */
  readonly adaptive: boolean;
  readonly breaker: BreakerPolicy;
  readonly retry: RetryPolicy;
  readonly timeout: number;
  readonly maxErrors: ErrorLimit;
  readonly pace: PaceLimits;
  readonly maxDuration: number | undefined;
  readonly maxBatches: number | undefined;
  /** Records to read at most, over the whole job, those left out by `skip` not counted. */
  readonly limit: number | undefined;
  /** Records to leave out at the beginning of the job. */
  readonly skip: number;
}

/** One run of a job: everything the engine needs, ready to use. */
export interface Job {
  readonly name: string;
  readonly id: string;
  readonly source: Source;
  readonly target: Target;
  readonly columns: readonly Column[];
  /** Null: the transform makes the columns and the target has to know them; they are learnt from its first records. */
  readonly output: readonly OutputColumn[] | null;
  readonly transformer: Transformer | null;
  /** Where the last run left off; mark and ledger are null at the beginning. */
  readonly start: Omit<Progress, 'mark'> & { readonly mark: Progress['mark'] | null };
  readonly ledger: string | null;
  /** Milliseconds that earlier runs took. */
  readonly elapsedBefore: number;
  /** The job had finished, and its input grew. */
  readonly finished: boolean;
  /** An unfinished run of the same job was given up for this one. */
  readonly replaces: boolean;
  readonly settings: Settings;
  /** Null with `--no-checkpoint`. */
  readonly store: CheckpointStore | null;
  readonly rejects: RejectStore;
  readonly journal: Journal;
  readonly size: SourceSize;
  /** Gives up, durably, an unfinished run of the same job that this one replaces. Called before the target is opened, which takes away what that run wrote. */
  beginning(): Promise<void>;
  /** Forgets what an earlier start of the job left. Called once the target is open: until then something may be wrong with the plan. */
  begun(): Promise<void>;
  /** Fills in what a checkpoint says besides progress and status. */
  checkpoint(
    progress: Progress,
    status: JobStatus,
    because: string | null,
    output: readonly OutputColumn[] | null,
  ): Promise<Checkpoint>;
  /** A checkpoint as the text of a ledger entry. */
  entry(checkpoint: Checkpoint): string;
  /** Aborted with a `StopReason` when the run is to stop after the batch in hand. */
  readonly signal: AbortSignal;
  /** Aborted when the process is about to end: whatever is under way is to end at once. */
  readonly abandon: AbortSignal | null;
  readonly report: Report;
}

/** What became of a run. */
export interface Outcome {
  readonly status: 'finished' | 'paused' | 'failed';
  readonly stopped: StopReason | null;
  readonly error: TrancheError | null;
  /** The newest durable progress. */
  readonly progress: Progress;
  readonly retries: number;
  readonly rejectedBy: { readonly [reason: string]: number };
  readonly flow: FlowSummary;
  readonly passedOver: PassedOver | null;
}
