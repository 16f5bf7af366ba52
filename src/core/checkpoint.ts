import type { Column, OutputColumn } from './columns.js';
import type { Json, JsonObject } from './json.js';
import type { Mark, Position } from './position.js';
import type { SourceSize } from './source.js';

/** Records counted since the job began. `read = written + rejected + filtered + skipped`. */
export interface Counts {
  readonly read: number;
  readonly written: number;
  readonly rejected: number;
  /** A transform answered null. */
  readonly filtered: number;
  /** By `--skip`. */
  readonly skipped: number;
  /** Bytes of input read. */
  readonly bytes: number;
}

/** No record yet. */
export const noCounts: Counts = { read: 0, written: 0, rejected: 0, filtered: 0, skipped: 0, bytes: 0 };

/** What a checkpoint says about the job's last run. `running` without a live process means that it died. */
export type JobStatus = 'running' | 'paused' | 'failed' | 'finished';

/** Records that were done while some before them were not: several batches were in flight, and ended in another order. */
export interface DoneRange {
  /** Records that are not done between the position, or the range before, and this one. */
  readonly after: number;
  /** Records of the range. */
  readonly records: number;
  /** Where it ends. */
  readonly end: Position;
}

/** Position, mark and counts, saved as one: all that is needed to go on. */
export interface Checkpoint {
  readonly job: string;
  /** New with every start from the beginning: tells two incarnations of a job apart. */
  readonly id: string;
  readonly status: JobStatus;
  /** For a person, where the status alone does not say why: `SIGINT`, `--max-duration`, the message of an error. */
  readonly because: string | null;
  readonly source: {
    readonly name: string;
    readonly position: Position | null;
    /** What is done beyond the position, in the order of the input. */
    readonly ahead: readonly DoneRange[];
    /** Of the input up to the end of the last of those ranges, or up to the position. */
    readonly identity: JsonObject | null;
    /** How much there was in all when the checkpoint was taken, for a person. */
    readonly size?: SourceSize;
  };
  readonly target: { readonly name: string; readonly mark: Mark | null };
  readonly counts: Counts;
  /** The highest number of a batch that is done. */
  readonly batches: number;
  /** Records and bytes a batch in the last run, as it was cut. Checkpoints of the first builds do not tell the bytes. */
  readonly batchSize: number;
  readonly batchBytes?: number;
  /** The source's columns with their types: inferred once, kept for the whole job. */
  readonly columns: readonly Column[];
  /** Columns of the output where a transform made them and the target needed to know. */
  readonly output: readonly OutputColumn[] | null;
  /** Every option that changes what is written, as it was given. */
  readonly options: { readonly [option: string]: Json };
  /** Bytes of the rejects file that belong to this checkpoint. */
  readonly rejects: { readonly path: string; readonly bytes: number };
  /** The command that goes on, as words, without secrets. */
  readonly command: readonly string[];
  /** Runs so far, this one included. */
  readonly runs: number;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly updatedAt: string;
  /** Milliseconds spent running, over all runs. */
  readonly elapsed: number;
}
