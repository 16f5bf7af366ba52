import { Low } from 'lowdb';
import type { Checkpoint } from '../core/checkpoint.js';
import type { CheckpointStore } from '../core/state.js';
import { removeTemporaries } from '../durable/replace-file.js';
import { checkpointText, parseCheckpoint } from './checkpoint-text.js';
import { DurableAdapter } from './durable-adapter.js';

/**
 * The checkpoint of a job in a file of its own: a lowdb database that is replaced as a whole, durably, with
 * each save.
 */
export class CheckpointFile implements CheckpointStore {
  readonly #path: string;
  readonly #database: Low<Checkpoint | null>;

  constructor(path: string, job: string) {
    this.#path = path;
    const adapter = new DurableAdapter<Checkpoint | null>(path, {
      write: checkpoint => checkpointText(checkpoint!),
      read: text => parseCheckpoint(text, job, path),
    });
    this.#database = new Low<Checkpoint | null>(adapter, null);
  }

  /**
   * The checkpoint; null if there is none. Throws `checkpoint_unreadable` if it is damaged, of a newer
   * version or of another job.
   */
  async load(): Promise<Checkpoint | null> {
    this.#database.data = null;
    await this.#database.read();
    return this.#database.data;
  }

  /** Resolves when the checkpoint is durable. Fails for ever once it failed. */
  async save(checkpoint: Checkpoint): Promise<void> {
    this.#database.data = checkpoint;
    await this.#database.write();
  }

  /** Removes what a killed run left beside the checkpoint. For the holder of the job's lock. */
  clean(): Promise<void> {
    return removeTemporaries(this.#path);
  }
}
