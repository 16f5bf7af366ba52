import { hostname } from 'node:os';
import { dirname } from 'node:path';
import type { Checkpoint } from '../core/checkpoint.js';
import type { Report } from '../core/events.js';
import type { CheckpointStore, Journal, RejectStore } from '../core/state.js';
import { CheckpointFile } from '../state/checkpoint-store.js';
import { createJobDirectory, demandPlainFiles, jobDirectory, jobFiles } from '../state/job-directory.js';
import { JournalFile } from '../state/journal.js';
import { acquireLock, type Lock } from '../state/lock.js';
import { RejectsFile } from '../state/rejects.js';
import { clearJob, removeUnused } from '../state/remove-job.js';
import { loadRound, standing } from './retry/round.js';

/** What a run leaves besides its target: `nothing` is a rehearsal. */
export type Keeping = 'checkpoints' | 'rejects' | 'nothing';

/** Where a run keeps what the next one needs. */
export interface RunState {
  readonly checkpointPath: string;
  /** Where checkpoints go; null with `--no-checkpoint`. */
  readonly store: CheckpointStore | null;
  /** True if a retry of the job's rejects has begun and not ended: the target may not be in its final place. Known after {@link load}. */
  readonly retrying: boolean;
  /** The checkpoint to go on from; null if there is none. */
  load(): Promise<Checkpoint | null>;
  /** Forgets what an earlier incarnation of the job left. */
  clear(): Promise<void>;
  /** Opens the rejects file at the bytes of a checkpoint, or a new one. */
  openRejects(path: string | undefined, checkpoint: Checkpoint | null): Promise<RejectStore>;
  openJournal(run: number, report: Report): Journal;
}

/** The state of a job, locked for this run. */
export class JobState implements RunState {
  readonly directory: string;
  readonly #file: CheckpointFile;
  readonly #lock: Lock | null;
  readonly #keeping: Keeping;
  #rejects: RejectsFile | null = null;
  #journal: JournalFile | null = null;
  #retrying = false;

  private constructor(job: string, directory: string, keeping: Keeping, lock: Lock | null) {
    this.directory = directory;
    this.#keeping = keeping;
    this.#lock = lock;
    this.#file = new CheckpointFile(jobFiles(directory).checkpoint, job);
  }

  /** Makes the job's directory and takes its lock. Without checkpoints there is nothing to lock and nothing is made. */
  static async open(stateDir: string, job: string, keeping: Keeping): Promise<JobState> {
    const directory = jobDirectory(stateDir, job);
    if (keeping !== 'checkpoints') return new JobState(job, directory, keeping, null);
    await createJobDirectory(directory);
    await demandPlainFiles(directory);
    const lock = await acquireLock(directory, { job, pid: process.pid, host: hostname() });
    return new JobState(job, directory, keeping, lock);
  }

  get checkpointPath(): string {
    return jobFiles(this.directory).checkpoint;
  }

  get retrying(): boolean {
    return this.#retrying;
  }

  get store(): CheckpointStore | null {
    return this.#lock ? this.#file : null;
  }

  async load(): Promise<Checkpoint | null> {
    if (!this.#lock) return null;
    await this.#file.clean();
    const checkpoint = await this.#file.load();
    if (checkpoint === null) return null;
    const { mark, isFinished } = standing(checkpoint, await loadRound(this.directory, checkpoint.job));
    this.#retrying = checkpoint.status === 'finished' && !isFinished;
    return { ...checkpoint, target: { ...checkpoint.target, mark } };
  }

  async clear(): Promise<void> {
    if (this.#lock) await clearJob(this.directory);
  }

  async openRejects(path: string | undefined, checkpoint: Checkpoint | null): Promise<RejectStore> {
    const file = path ?? jobFiles(this.directory).rejects;
    if (this.#keeping === 'nothing') return new NoRejects(file);
    if (checkpoint) this.#rejects = await RejectsFile.resume(file, checkpoint.rejects.bytes);
    else this.#rejects = await RejectsFile.begin(file, path === undefined && this.#lock !== null);
    const made = path !== undefined || this.#lock;
    return made ? this.#rejects : new LateDirectory(this.#rejects, dirname(file));
  }

  openJournal(run: number, report: Report): Journal {
    if (!this.#lock) return { write: async () => {} };
    this.#journal = new JournalFile(jobFiles(this.directory).journal, run, ({ message }) =>
      report({ type: 'warning', message }),
    );
    return this.#journal;
  }

  /** Lets go of the files, and of the lock last. A run that kept nothing leaves no job behind. */
  async close(): Promise<void> {
    await this.#rejects?.close();
    await this.#journal?.close();
    if (!this.#lock) return;
    // A directory that stays, for whatever reason, is no reason to fail.
    await removeUnused(this.directory).catch(() => {});
    await this.#lock.release();
  }
}

/** Keeps no rejects: a rehearsal only counts them. */
class NoRejects implements RejectStore {
  readonly path: string;
  readonly bytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  async append(): Promise<void> {}

  async sync(): Promise<void> {}

  async truncate(): Promise<void> {}
}

/** A rejects file whose directory is made with the first reject: a run without checkpoints leaves nothing else. */
class LateDirectory implements RejectStore {
  readonly #inner: RejectStore;
  readonly #directory: string;

  constructor(inner: RejectStore, directory: string) {
    this.#inner = inner;
    this.#directory = directory;
  }

  get path(): string {
    return this.#inner.path;
  }

  get bytes(): number {
    return this.#inner.bytes;
  }

  async append(rejects: Parameters<RejectStore['append']>[0]): Promise<void> {
    await createJobDirectory(this.#directory);
    await this.#inner.append(rejects);
  }

  async sync(): Promise<void> {
    await this.#inner.sync();
  }

  async truncate(bytes: number): Promise<void> {
    await this.#inner.truncate(bytes);
  }
}
