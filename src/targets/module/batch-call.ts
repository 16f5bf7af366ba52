import { TrancheError } from '../../core/errors.js';
import type { Location } from '../../core/position.js';
import type { Records } from '../../core/records.js';
import type { Refusal, WriteBatch } from '../../core/target.js';
import { idempotencyKey } from '../idempotency-key.js';
import { refusalsOf } from './answers.js';
import type { BatchContext, ModuleLog } from './api.js';
import { contentOf } from './content.js';

/** What all calls of a module have in common. */
export interface Caller {
  /** The module's. */
  readonly name: string;
  readonly job: string;
  readonly jobId: string;
  readonly log: ModuleLog;
  /** Whether it keeps a ledger. */
  readonly seals: boolean;
}

/** The records of a batch that are handed over. */
export interface Handed {
  readonly records: Records;
  /** Their indices in the batch's records; null: they are all of them. */
  readonly indices: Uint32Array | null;
  /** Those that are not handed over, because they do not fit their declared types. */
  readonly misfits: readonly Refusal[];
}

/** What was put into an entry of the ledger. */
export interface Sealed {
  readonly entry: string;
  /** Of the batch's records. */
  readonly refused: readonly Refusal[];
}

/** One call of the module: its context, which can be asked as long as the call lasts. */
export class BatchCall implements BatchContext {
  readonly #caller: Caller;
  readonly #how: WriteBatch;
  readonly #handed: Handed;
  #key: string | null = null;
  #sealing = false;
  #sealed: Sealed | null = null;
  #failure: unknown = null;
  #over = false;

  constructor(caller: Caller, how: WriteBatch, handed: Handed) {
    this.#caller = caller;
    this.#how = how;
    this.#handed = handed;
  }

  get job(): string {
    return this.#caller.job;
  }
  get batch(): number {
    return this.#how.number;
  }
  get attempt(): number {
    return this.#how.attempt;
  }
  get signal(): AbortSignal {
    return this.#how.signal;
  }
  get log(): ModuleLog {
    return this.#caller.log;
  }
  get start(): Location {
    return this.#locate(0);
  }
  get end(): Location {
    return this.#locate(this.#handed.records.count - 1);
  }

  get idempotencyKey(): string {
    this.#key ??= idempotencyKey(this.#caller.jobId, this.start, contentOf(this.#handed.records));
    return this.#key;
  }

  async entry(rejections: Parameters<BatchContext['entry']>[0] = []): Promise<string> {
    const { name, seals } = this.#caller;
    if (!seals) throw new TrancheError('target_refused', `${name} asked for an entry, and exports no ledger`);
    this.#demandTime();
    if (this.#sealing)
      throw new TrancheError('target_refused', `${name} asked for the entry of a batch twice`);
    this.#sealing = true;
    try {
      const refused = this.refused(rejections);
      const entry = await this.#how.seal(refused);
      this.#demandTime();
      this.#sealed = { entry, refused };
      return entry;
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  /** All refused records of the batch: those that the module names, and those that it did not get. */
  refused(rejections: unknown): Refusal[] {
    const { records, misfits } = this.#handed;
    const named = refusalsOf(rejections, records.count, this.#caller.name);
    const mapped = named.map(one => ({ ...one, index: this.#indexOf(one.index) }));
    return [...mapped, ...misfits].sort((one, other) => one.index - other.index);
  }

  /** What was sealed, if it was. */
  get sealed(): Sealed | null {
    return this.#sealed;
  }

  /** Why an entry could not be made: whatever the module makes of that. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Nothing can be asked any more: the batch's memory is used again. */
  finish(): void {
    this.#over = true;
  }

  #indexOf(handed: number): number {
    return this.#handed.indices?.[handed] ?? handed;
  }

  #locate(handed: number): Location {
    this.#demandTime();
    return this.#how.locate(this.#indexOf(handed));
  }

  #demandTime(): void {
    if (this.#over || this.#how.signal.aborted)
      throw new Error('the call that this context belongs to is over');
  }
}
