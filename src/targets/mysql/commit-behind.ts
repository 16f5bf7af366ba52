import { TrancheError } from '../../core/errors.js';
import { serverErrorNumber } from '../../mysql/errors.js';
import type { LineBuffer } from './line-buffer.js';

/** A batch that was answered for while its COMMIT is under way: the server has taken every row of it. */
export interface Behind {
  readonly entry: string;
  /** Rows that the job has written with it. */
  readonly rows: number;
  /** What has to be sent again if the COMMIT did not happen. */
  readonly lines: LineBuffer;
}

/**
 * The one COMMIT that is not waited for: the next rows are read and sent while the server makes the last ones durable. Nothing may be committed behind it
 * before it is known to have happened.
 */
export class CommitBehind {
  #batch: Behind | null = null;
  #answer: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  /** The batch whose COMMIT failed, or whose answer was lost; null if there is none. */
  get failed(): Behind | null {
    return this.#failure === null ? null : this.#batch;
  }

  /** Begins to wait for the COMMIT of a batch. */
  begin(batch: Behind, commit: Promise<void>): void {
    this.#batch = batch;
    this.#answer = commit.then(
      () => this.settle(batch),
      (error: unknown) => {
        this.#failure = error;
      },
    );
  }

  /** Waits for the answer. Throws what the COMMIT ended with; {@link failed} is what it was about. */
  async answered(): Promise<void> {
    await this.#answer;
    if (this.#failure !== null) throw this.#failure;
  }

  /** The batch is known to be there. */
  settle(batch: Behind): void {
    if (this.#batch !== batch) return;
    this.#batch = null;
    this.#failure = null;
  }
}

/** What to throw for a COMMIT that failed, where no ledger tells whether it happened. */
export function lostCommit(place: string, error: unknown): unknown {
  if (serverErrorNumber(error) !== undefined) return error;
  return new TrancheError(
    'io',
    `${place}: the connection was lost while the batch was committed, and without checkpoints there is no ledger that tells whether it was`,
    { path: place, cause: error, hint: 'look at the table, or run without --no-checkpoint' },
  );
}
