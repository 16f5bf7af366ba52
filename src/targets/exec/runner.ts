import type { Acknowledgement } from './protocol.js';

/** A batch as a command gets it. */
export interface Delivery {
  readonly content: Buffer;
  /** Records in it. */
  readonly count: number;
  /** Variables that tell the command about the batch, where it is started for it. */
  readonly variables: () => NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** One way to have batches handled by a command. */
export interface Runner {
  /** Hands over a batch, and answers when the command is done with it. Several may be under way. */
  deliver(delivery: Delivery): Promise<Acknowledgement>;
  /** Waits for what still runs to end. Throws if it ends with a failure. */
  close(): Promise<void>;
}
