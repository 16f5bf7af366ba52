import { join } from 'node:path';
import type { Checkpoint } from '../../core/checkpoint.js';
import type { Report } from '../../core/events.js';
import type { Location } from '../../core/position.js';
import type { KeptReject, Reject } from '../../core/reject.js';
import type { CheckpointStore, Journal, RejectStore } from '../../core/state.js';
import { CheckpointFile } from '../../state/checkpoint-store.js';
import { JournalFile } from '../../state/journal.js';
import { RejectsFile } from '../../state/rejects.js';
import type { RunState } from '../state.js';
import { type Round, retryName, roundFiles } from './round.js';

/** The state of a round, under the lock of the job whose rejects it sends. */
export class RoundState implements RunState {
  readonly checkpointPath: string;
  readonly retrying = false;
  readonly #file: CheckpointFile;
  readonly #round: Round;
  readonly #original: (at: Location) => KeptReject | undefined;
  #rejects: RejectsFile | null = null;
  #journal: JournalFile | null = null;

  /** `original`: the reject that a record was read from. */
  constructor(job: string, round: Round, original: (at: Location) => KeptReject | undefined) {
    this.#round = round;
    this.#original = original;
    this.checkpointPath = roundFiles(round.directory).checkpoint;
    this.#file = new CheckpointFile(this.checkpointPath, retryName(job));
  }

  get store(): CheckpointStore {
    return this.#file;
  }

  async load(): Promise<Checkpoint | null> {
    await this.#file.clean();
    return await this.#file.load();
  }

  /** A round begins with its directory: there is nothing of an earlier one in it. */
  async clear(): Promise<void> {}

  async openRejects(_path: string | undefined, checkpoint: Checkpoint | null): Promise<RejectStore> {
    const { rejects } = roundFiles(this.#round.directory);
    this.#rejects = await RejectsFile.resume(rejects, checkpoint?.rejects.bytes ?? 0);
    return new WithHistory(this.#rejects, this.#original);
  }

  openJournal(run: number, report: Report): Journal {
    const path = join(this.#round.directory, '..', 'journal.ndjson');
    this.#journal = new JournalFile(path, run, ({ message }) => report({ type: 'warning', message }));
    return this.#journal;
  }

  async close(): Promise<void> {
    await this.#rejects?.close();
    await this.#journal?.close();
  }
}

/** Rejects that were rejects before: what was known of them goes with them. */
class WithHistory implements RejectStore {
  readonly #inner: RejectStore;
  readonly #original: (at: Location) => KeptReject | undefined;

  constructor(inner: RejectStore, original: (at: Location) => KeptReject | undefined) {
    this.#inner = inner;
    this.#original = original;
  }

  get path(): string {
    return this.#inner.path;
  }

  get bytes(): number {
    return this.#inner.bytes;
  }

  async append(rejects: readonly Reject[]): Promise<void> {
    await this.#inner.append(rejects.map(reject => this.#withHistory(reject)));
  }

  async sync(): Promise<void> {
    await this.#inner.sync();
  }

  async truncate(bytes: number): Promise<void> {
    await this.#inner.truncate(bytes);
  }

  #withHistory(reject: Reject): Reject {
    const was = this.#original(reject.at);
    if (was === undefined) return reject;
    const { reason, message, time } = was;
    return {
      ...reject,
      number: was.number,
      attempts: was.attempts + reject.attempts,
      earlier: [...was.earlier, { reason, message, time }],
    };
  }
}
