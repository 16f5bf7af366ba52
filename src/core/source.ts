import type { Batch } from './batch.js';
import type { Column } from './columns.js';
import type { JsonObject } from './json.js';
import type { Position } from './position.js';

/** When a batch is full: whichever comes first. Looked at anew for each batch. */
export interface BatchLimits {
  readonly records: number;
  /** Bytes of input. A single record may be larger. */
  readonly bytes: number;
}

/** Whether the input is still the one that a checkpoint describes. */
export type Verdict =
  | { readonly kind: 'unchanged' }
  /** Everything up to the position is as it was, and more was added behind it. */
  | { readonly kind: 'grown' }
  /** `divided`: the position lies within a record now, so that nothing can go on behind it. */
  | { readonly kind: 'rewritten'; readonly was: string; readonly is: string; readonly divided?: true };

/** How much there is in all, as far as it is known without reading it. */
export interface SourceSize {
  readonly bytes?: number;
  readonly records?: number;
}

/**
 * How a source tells that it is doing something slow before the first batch comes (winding a gzip forward). When it is done, so many bytes of so many, `what` says what it did.
 */
export type Progressing = (what: string, done: number, total: number | undefined) => void;

/** What a source is told when it is opened. */
export interface OpenSource {
  /** Where to go on; null: at the beginning. */
  readonly from: Position | null;
  readonly limits: BatchLimits;
  /** The columns that {@link Source.describe} answered, or those that the checkpoint kept. */
  readonly columns: readonly Column[];
  /** False if nobody will look at single cells: the source may leave their bounds out (`width` 0). */
  readonly cells: boolean;
  /** Aborted: yields no further batch, and ends. Not an error. */
  readonly signal: AbortSignal;
  readonly progressing: Progressing;
}

/** What a source learnt from a sample of its input. */
export interface Description {
  /** Empty if the records' columns are not needed or not known (NDJSON passed through). */
  readonly columns: readonly Column[];
  /** What a person should know: renamed columns, say. */
  readonly notes: readonly string[];
}

/**
 * Where records come from. Calls come in this order: `describe` (not when a checkpoint knows the columns), `verify` (only on resume),
 * `open`, `identify` any number of times while batches are read, `close` once or more.
 * Errors are `TrancheError`s.
 */
export interface Source {
  /** As a person would name it, without secrets. */
  readonly name: string;
  /** How its records are written, if it has files; else null. */
  readonly format: 'csv' | 'tsv' | 'ndjson' | null;
  /** True of a source without files whose records are lines of CSV of the usual dialect, as they stand. */
  readonly plainCsv?: boolean;
  /** Reads a sample (10,000 records at most) and answers columns and types. */
  describe(signal: AbortSignal): Promise<Description>;
  /**
   * Yields batches in the order of the input; a batch stays valid until it is released.
   * Batch cuts follow the limits alone, so other limits cut the same records differently and lose none.
   */
  open(how: OpenSource): AsyncIterable<Batch>;
  /** What is needed to know the input again that was read up to `position`. */
  identify(position: Position): Promise<JsonObject>;
  /** Compares the input of today with the `identity` taken at `position`. */
  verify(identity: JsonObject, position: Position): Promise<Verdict>;
  /** A position in words: `orders.csv, byte 1234, record 56`. */
  tell(position: Position): string;
  /** Cheap; answered again whenever somebody wants to show it. */
  size(): Promise<SourceSize>;
  close(): Promise<void>;
}
