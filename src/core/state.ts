import type { Checkpoint } from './checkpoint.js';
import type { JsonObject } from './json.js';
import type { Reject } from './reject.js';

/** Where the engine saves checkpoints. `save` answers when the checkpoint is durable. */
export interface CheckpointStore {
  save(checkpoint: Checkpoint): Promise<void>;
}

/** The rejects of a job: append-only, truncated to the checkpoint's mark when a batch is tried again. */
export interface RejectStore {
  readonly path: string;
  /** Bytes appended so far. */
  readonly bytes: number;
  append(rejects: readonly Reject[]): Promise<void>;
  /** Makes what was appended durable; does nothing if nothing was. */
  sync(): Promise<void>;
  /** Takes back everything behind `bytes`. */
  truncate(bytes: number): Promise<void>;
}

/** What happened, one line an event. Not needed to go on: a failed write is reported once and ends nothing. */
export interface Journal {
  write(event: string, details: JsonObject): Promise<void>;
}
