import type { Counts } from './checkpoint.js';
import type { TrancheError } from './errors.js';
import type { Reject } from './reject.js';
import type { SourceSize } from './source.js';
import type { Guarantee } from './target.js';

/** Why a run ended before its input did. */
export type StopReason =
  | 'SIGINT'
  | 'SIGTERM'
  | 'SIGHUP'
  | '--max-duration'
  | '--max-batches'
  | 'output closed'
  | 'aborted';

/** What became of a run. */
export interface Summary {
  readonly job: string;
  readonly status: 'finished' | 'paused' | 'failed';
  /** True if there was nothing to do: input unchanged since the job finished. */
  readonly nothingNew: boolean;
  readonly stopped: StopReason | null;
  readonly error: TrancheError | null;
  /** Of the whole job. */
  readonly counts: Counts;
  /** Of this run alone. */
  readonly run: Counts;
  readonly retries: number;
  /** Rejects by reason code, of this run. */
  readonly rejectedBy: { readonly [reason: string]: number };
  /** Milliseconds of this run, and of all runs. */
  readonly elapsed: number;
  readonly elapsedTotal: number;
  readonly rejects: string | null;
  /** How the batches of this run went. */
  readonly flow: FlowSummary;
  /** Input that was read once more before the first record of this run, since it cannot be sought, and what was done with it, in words. */
  readonly passedOver: PassedOver | null;
  /** Where the job stands, for a person: `orders.csv, byte 1,234, record 56`. */
  readonly position: string | null;
}

/** So many bytes of input in front of the first record. */
export interface PassedOver {
  readonly what: string;
  readonly bytes: number;
}

/** What went on between a run and its target. Times in milliseconds, added up over all batches. */
export interface FlowSummary {
  /** Most batches in flight at once. */
  readonly inFlight: number;
  /** Waits for `--rate` and `--rate-bytes`. */
  readonly paced: number;
  readonly pacedTime: number;
  /** How often the circuit breaker opened, and how long it was open. */
  readonly breaks: number;
  readonly breakTime: number;
}

/** Everything a run tells. Reporters listen; none of them can stop it. */
export type Event =
  | {
      readonly type: 'started';
      readonly job: string;
      readonly resumed: boolean;
      readonly source: string;
      readonly target: string;
      readonly guarantee: Guarantee;
      readonly because: string;
      readonly checkpoint: string | null;
      /** Of the job before this run. */
      readonly counts: Counts;
      readonly size: SourceSize;
      /** Columns with their types, where they are known: `id integer`. */
      readonly columns: readonly string[];
    }
  /** Something slow that is not the copying of records: connecting, winding forward, draining. `what` null: it is over. */
  | {
      readonly type: 'phase';
      readonly what: string | null;
      readonly done?: number;
      readonly total?: number | undefined;
    }
  /** After each batch. Counts are those of the job. */
  | {
      readonly type: 'progress';
      readonly counts: Counts;
      readonly size: SourceSize;
      readonly retries: number;
    }
  /** Batches in flight, of how many there may be, and those of them that wait for `--rate`; only where several may be in flight. */
  | {
      readonly type: 'flow';
      readonly inFlight: number;
      readonly limit: number;
      readonly waiting: number;
    }
  /** A batch waits for `--rate`: how many have so far, and for how many milliseconds in all, this wait included. */
  | { readonly type: 'held'; readonly waits: number; readonly time: number }
  /** The circuit breaker opened for so many milliseconds, or (null) closed again. */
  | { readonly type: 'breaker'; readonly pause: number | null; readonly error: TrancheError | null }
  /** A checkpoint is durable. */
  | { readonly type: 'checkpoint'; readonly counts: Counts }
  | {
      readonly type: 'retry';
      readonly attempt: number;
      readonly retries: number;
      readonly delay: number;
      readonly error: TrancheError;
    }
  | { readonly type: 'reject'; readonly reject: Reject }
  | { readonly type: 'warning'; readonly message: string }
  /** What a module of somebody's own or a command said; for who wants to know all. */
  | { readonly type: 'log'; readonly message: string }
  | { readonly type: 'ended'; readonly summary: Summary };

/** A function that listens. */
export type Report = (event: Event) => void;
