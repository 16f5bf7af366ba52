import { TrancheError } from '../../core/errors.js';
import type { Refusal } from '../../core/target.js';
import { describeThrown } from '../../core/thrown.js';

/** A record that a module did not accept. */
export interface Rejection {
  /** Index in the array of records that the module got. */
  readonly index: number;
  /** Why. */
  readonly message: string;
}

/**
 * Names the records of a batch that are at fault; they become rejects. Returned: all others were accepted. Thrown: nothing was accepted, and the others are
 * handed over again without them.
 */
export class RejectRecords extends Error {
  override readonly name = 'RejectRecords';
  readonly records: readonly Rejection[];

  constructor(records: readonly Rejection[]) {
    super(`${records.length} records refused`);
    this.records = records;
  }
}

/** Thrown or returned: nothing of the batch was accepted, and it may be tried again, in `after` milliseconds at the earliest. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
  readonly after: number | undefined;

  constructor(after?: number, message = 'try again later') {
    super(message);
    this.after = after;
  }
}

/** By its name: the module may have got the class from another copy of the package. */
export function isRejectRecords(value: unknown): value is RejectRecords {
  return isNamed(value, 'RejectRecords') && 'records' in value && Array.isArray(value.records);
}

/** By its name, for the same reason. */
export function isRetryLater(value: unknown): value is RetryLater {
  return isNamed(value, 'RetryLater');
}

/** Throws for an answer that was surely meant to refuse records, and would be taken for consent. */
export function demandClear(answer: unknown, name: string): void {
  if (!Array.isArray(answer) || answer.length === 0) return;
  if (answer.every(one => typeof one === 'object' && one !== null && Number.isInteger(one.index))) {
    throw wrongAnswer(name, 'an array that looks like refused records', 'return new RejectRecords([…])');
  }
}

/** Records that a module refused, in order of their index and each once. Throws if one of them is not among the `count` that it got. */
export function refusalsOf(rejections: unknown, count: number, name: string): Refusal[] {
  if (!Array.isArray(rejections)) throw wrongAnswer(name, 'refused records that are no array');
  const byIndex = new Map<number, Refusal>();
  for (const one of rejections as readonly (Partial<Rejection> | null | undefined)[]) {
    const index = one?.index;
    if (index === undefined || !Number.isInteger(index) || index < 0 || index >= count) {
      throw wrongAnswer(name, `a refused record with index ${String(index)}, of ${count} records`);
    }
    if (!byIndex.has(index))
      byIndex.set(index, { index, reason: 'refused', message: messageOf(one?.message) });
  }
  return [...byIndex.values()].sort((one, other) => one.index - other.index);
}

/** A module that does not keep to its contract: it has to be changed, and then the job can go on. */
export function wrongAnswer(name: string, what: string, hint?: string): TrancheError {
  return new TrancheError('target_refused', `${name} answered ${what}`, hint === undefined ? {} : { hint });
}

function isNamed(value: unknown, name: string): value is object {
  return typeof value === 'object' && value !== null && 'name' in value && value.name === name;
}

function messageOf(message: unknown): string {
  return message === undefined || message === '' ? 'refused by the module' : describeThrown(message);
}
