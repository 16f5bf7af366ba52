import type { JsonObject } from '../core/json.js';

/** The bytes of one input, in order. */
export interface Input {
  /**
   * Reads up to `length` bytes into `buffer` at `at`. Answers how many; 0 only at the end. One call at a time.
   * Rejects with a TrancheError that names the path.
   */
  read(buffer: Buffer, at: number, length: number): Promise<number>;
  /**
   * What has to be kept, besides the offset, to come back to `offset` quickly or to check that the bytes before it are still the same
   * (gzip: the member; stdin: a running hash); null where the offset is all. `offset` never decreases from call to call.
   */
  waypoint(offset: number): JsonObject | null;
  close(): Promise<void>;
}
