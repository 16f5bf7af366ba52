import { TrancheError } from '../../core/errors.js';
import type { Ledger } from '../../core/target.js';
import { describeThrown } from '../../core/thrown.js';
import { withinTime } from '../waiting.js';
import type { ModuleLedger } from './api.js';

/** The ledger that a module keeps, as the engine sees it. */
export class LedgerOfModule implements Ledger {
  readonly #ledger: ModuleLedger;
  readonly #name: string;
  readonly #timeout: number;
  #job = '';

  constructor(ledger: ModuleLedger, name: string, timeout: number) {
    this.#ledger = ledger;
    this.#name = name;
    this.#timeout = timeout;
  }

  /** Says of which job {@link record} is. */
  begin(job: string): void {
    this.#job = job;
  }

  async recall(job: string): Promise<string | null> {
    const entry = await hook(this.#name, 'ledger.recall', this.#timeout, () => this.#ledger.recall(job));
    if (entry === null || entry === undefined) return null;
    if (typeof entry === 'string') return entry;
    throw new TrancheError('target_refused', `ledger.recall of ${this.#name} answered no text`);
  }

  async record(entry: string): Promise<void> {
    await hook(this.#name, 'ledger.record', this.#timeout, () => this.#ledger.record(this.#job, entry));
  }
}

/** Calls a function of a module that is not about a batch. What it throws ends the run. */
export async function hook<T>(
  name: string,
  what: string,
  timeout: number,
  call: () => T | Promise<T>,
): Promise<T> {
  try {
    return await withinTime(call(), timeout, `${what} of ${name}`);
  } catch (error) {
    if (error instanceof TrancheError) throw error;
    throw new TrancheError('target_refused', `${what} of ${name} threw ${describeThrown(error)}`, {
      path: name,
      operation: what,
      cause: error,
    });
  }
}
