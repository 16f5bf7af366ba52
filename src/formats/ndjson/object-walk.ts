import type { RecordTable } from '../table.js';

/** Walks over the object of a record. */
export interface ObjectWalk {
  /** A key of the last object that no column has, as it is written; null if there was none. */
  readonly unknownKey: string | null;
  /** Other bytes follow: forgets what was noted about those before. */
  begin(): void;
  /** Behind the object that begins at `start`, or -1. May fill the cells of the record to come. `view`: on the same bytes. */
  object(bytes: Buffer, view: DataView, start: number, table: RecordTable): number;
}
