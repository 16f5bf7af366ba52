import type { RecordObject } from './records.js';

/** What a transform is told about the record in hand. */
export interface TransformContext {
  readonly job: string;
  /** Path, URL or table that the record comes from. */
  readonly file: string;
  /** 1-based line and record number, byte offset: see `Location`. */
  readonly line: number;
  readonly record: number;
  readonly offset: number;
  readonly signal: AbortSignal;
}

/** What a transform answers for a record: one, several or, with null, none. */
export type Transformed = RecordObject | readonly RecordObject[] | null | undefined;

/** The default export of a `--transform` module. A throw rejects the record. */
export type Transform = (
  record: RecordObject,
  context: TransformContext,
) => Transformed | Promise<Transformed>;
