import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import { withoutRefused } from '../../core/pick-records.js';
import type { Mark } from '../../core/position.js';
import type { Records } from '../../core/records.js';
import type { OpenTarget, Refusal, Target, TargetTraits, WriteBatch, Written } from '../../core/target.js';
import { type Decode, decodeAll, decoderOf } from '../../formats/decode.js';
import { misfitsOf } from '../misfits.js';
import { givenUp, unlessAborted } from '../waiting.js';
import { demandClear, isRejectRecords, isRetryLater, wrongAnswer } from './answers.js';
import type { BatchTarget, ModuleLog } from './api.js';
import { BatchCall, type Caller, type Sealed } from './batch-call.js';
import { hook, LedgerOfModule } from './ledger.js';
import { failureOf, postponed } from './outcome.js';

/** What a module target is made of. */
export interface ModuleSettings {
  /** Path of the module, as the person wrote it. */
  readonly name: string;
  readonly module: BatchTarget;
  readonly traits: TargetTraits;
  readonly log: ModuleLog;
  /** Milliseconds that a call that is not about a batch may take. */
  readonly timeout: number;
}

/** Hands batches to people's own code, as objects. */
export class ModuleTarget implements Target {
  readonly name: string;
  readonly traits: TargetTraits;
  readonly ledger?: LedgerOfModule;
  readonly #settings: ModuleSettings;
  #caller: Caller | null = null;
  #decode: Decode | null = null;
  #declared: readonly OutputColumn[] = [];
  #isOpen = false;
  /** What may have been committed though its call failed. */
  #lost: (Sealed & { readonly count: number }) | null = null;

  constructor(settings: ModuleSettings) {
    const { name, module, traits, timeout } = settings;
    this.name = name;
    this.traits = traits;
    this.#settings = settings;
    if (module.ledger) this.ledger = new LedgerOfModule(module.ledger, name, timeout);
  }

  async open(how: OpenTarget): Promise<Mark> {
    const { name, module, log, timeout } = this.#settings;
    const { job, jobId, columns, concurrency, signal } = how;
    if (this.ledger && !how.checkpoints) throw notKept(name);
    this.#caller = { name, job, jobId, log, seals: this.ledger !== undefined };
    this.#decode = decoderOf(columns);
    this.#declared = columns.filter(({ declared }) => declared);
    const told = columns.map(({ name: column, type }) => ({ name: column, type }));
    const context = { job, resumed: how.mark !== null, columns: told, concurrency, signal, log };
    await hook(name, 'open', timeout, () => module.open?.(context));
    this.#isOpen = true;
    this.ledger?.begin(job);
    if (how.mark === null && how.ledger !== null) await this.ledger?.record(how.ledger);
    return how.mark ?? {};
  }

  async write(how: WriteBatch): Promise<Written> {
    if (how.signal.aborted) throw givenUp(this.name, how.signal);
    const written = await this.#recalled(how);
    if (written) return written;
    const misfits = misfitsOf(how.records, this.#declared);
    const { records, indices } = withoutRefused(how.records, misfits);
    if (records.count === 0) return await this.#writeNothing(misfits, how);
    const call = new BatchCall(this.#caller!, how, { records, indices, misfits });
    try {
      const answer = await unlessAborted(this.#call(records, call), this.name, how.signal);
      return { mark: {}, ...this.#accepted(answer, call, how.records.count) };
    } catch (error) {
      if (call.sealed) this.#lost = { ...call.sealed, count: how.records.count };
      throw failureOf(error, call, this.name);
    } finally {
      call.finish();
    }
  }

  async sync(): Promise<void> {}

  async close(complete: boolean): Promise<void> {
    const { name, module, timeout } = this.#settings;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await hook(name, 'close', timeout, () => module.close?.(complete));
  }

  /** Async, so that what a plain function throws is a rejection too. */
  async #call(records: Records, call: BatchCall): Promise<unknown> {
    const objects = decodeAll(this.#decode!, records);
    // What a transform made is handed over again at the next attempt, as it was.
    const own = records.form === 'objects' ? objects.map(object => ({ ...object })) : [...objects];
    return await this.#settings.module.write(own, call);
  }

  #accepted(answer: unknown, call: BatchCall, count: number): Omit<Written, 'mark'> {
    if (isRetryLater(answer)) throw postponed(answer, this.name);
    demandClear(answer, this.name);
    if (!this.ledger) {
      const refused = call.refused(isRejectRecords(answer) ? answer.records : []);
      return { count: count - refused.length, refused };
    }
    if (isRejectRecords(answer))
      throw wrongAnswer(this.name, 'RejectRecords', 'with a ledger, tell context.entry() what is refused');
    if (!call.sealed) throw notSealed(this.name);
    const { refused } = call.sealed;
    return { count: count - refused.length, refused };
  }

  /** Nothing for the module to do; its ledger has to know all the same. */
  async #writeNothing(refused: readonly Refusal[], { seal }: WriteBatch): Promise<Written> {
    if (this.ledger) await this.ledger.record(await seal(refused));
    return { mark: {}, count: 0, refused };
  }

  /** Whether the attempt before this one had been committed after all. */
  async #recalled({ attempt }: WriteBatch): Promise<Written | null> {
    const lost = this.#lost;
    this.#lost = null;
    if (!lost || attempt === 1 || !this.ledger) return null;
    if ((await this.ledger.recall(this.#caller!.job)) !== lost.entry) return null;
    return { mark: {}, count: lost.count - lost.refused.length, refused: lost.refused };
  }
}

/** It would be left unfinished, and the next run would trip over it. */
function notKept(name: string): TrancheError {
  return new TrancheError('usage', `${name} keeps a ledger of its job, which --no-checkpoint forbids`, {
    hint: 'leave --no-checkpoint out',
  });
}

function notSealed(name: string): TrancheError {
  return new TrancheError(
    'target_refused',
    `${name} keeps a ledger, and wrote a batch without asking for its entry`,
    {
      hint: 'store await context.entry() in the transaction of the records',
    },
  );
}
