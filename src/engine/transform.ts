import type { Batch } from '../core/batch.js';
import type { RecordObject, Records } from '../core/records.js';
import type { Refusal } from '../core/target.js';
import { describeThrown } from '../core/thrown.js';
import type { Transform, TransformContext, Transformed } from '../core/transform.js';
import type { Portion, TransformFailure } from './portion.js';
import { splitBefore } from './split-portion.js';

/** Decodes a record into the object that a transform gets. Handed in: the engine knows no format. */
export type Decode = (records: Records, index: number) => RecordObject;

/** A transform that is ready to run. */
export interface Transformer {
  readonly job: string;
  readonly transform: Transform;
  readonly decode: Decode;
  /** Records with a value that does not fit its declared type: nobody's code gets to see them. */
  misfits(records: Records): readonly Refusal[];
  /** Milliseconds that a promise it answers may take. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** Aborted when the process is about to end: no promise is waited for any longer. */
  readonly abandon: AbortSignal | null;
}

/**
 * Sends the records of an untransformed portion through people's code, in order and one at a time. Ends early, with a shorter portion, behind the
 * failure that is, with the malformed records before it, one more bad record than the `left` that may still come.
 */
export async function transformPortion(portion: Portion, how: Transformer, left: number): Promise<Portion> {
  const { records } = portion;
  const misfits = new Map(how.misfits(records).map(({ index, message }) => [index, message]));
  const objects: RecordObject[] = [];
  const origins: number[] = [];
  const failures: TransformFailure[] = [];
  let filtered = 0;
  let covered = portion;
  for (let i = 0; i < records.count; i++) {
    const index = portion.from + i;
    try {
      // Hardly ever are there any, and a look-up a record is felt.
      const misfit = misfits.size === 0 ? undefined : misfits.get(i);
      if (misfit !== undefined) throw new Misfit(misfit);
      let answer = how.transform(how.decode(records, i), contextOf(portion.batch, index, how));
      // An await costs a turn of the microtask queue: only where there is a promise.
      if (isPromise(answer)) answer = await inTime(answer, how);
      const emitted = collect(answer, index, objects, origins);
      if (emitted === 0) filtered++;
    } catch (error) {
      how.abandon?.throwIfAborted();
      // People's code is told of a stop: what it breaks off then is no bad record.
      how.signal.throwIfAborted();
      failures.push({ index, ...describeThrow(error) });
      if (index + 1 < portion.to && failures.length + malformedBefore(portion, index, left) > left) {
        covered = splitBefore(portion, index + 1)[0];
        break;
      }
    }
  }
  return {
    ...covered,
    records: { form: 'objects', count: objects.length, objects },
    origins,
    failures,
    filtered,
  };
}

/** How many malformed records come before good record `index`; 0 where any number is allowed. */
function malformedBefore({ malformed }: Portion, index: number, left: number): number {
  return left === Number.POSITIVE_INFINITY ? 0 : malformed.filter(({ before }) => before <= index).length;
}

/** Position is looked up only when the transform asks: it costs more than most transforms. */
function contextOf(batch: Batch, index: number, how: Transformer): TransformContext {
  return new LazyContext(batch, index, how);
}

class LazyContext implements TransformContext {
  readonly #batch: Batch;
  readonly #index: number;
  readonly #how: Transformer;

  constructor(batch: Batch, index: number, how: Transformer) {
    this.#batch = batch;
    this.#index = index;
    this.#how = how;
  }

  get job(): string {
    return this.#how.job;
  }
  get signal(): AbortSignal {
    return this.#how.signal;
  }
  get file(): string {
    return this.#batch.locate(this.#index).file;
  }
  get line(): number {
    return this.#batch.locate(this.#index).line;
  }
  get record(): number {
    return this.#batch.locate(this.#index).record;
  }
  get offset(): number {
    return this.#batch.locate(this.#index).offset;
  }
}

function isPromise(answer: Transformed | Promise<Transformed>): answer is Promise<Transformed> {
  return typeof (answer as Promise<Transformed> | null | undefined)?.then === 'function';
}

/** The timer also keeps the process alive where nothing else would: a promise that never settles must not end it silently. */
async function inTime<T>(promise: Promise<T>, { timeout, abandon }: Transformer): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (() => void) | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Refused(`nothing within ${timeout} ms, which is --timeout`)),
      timeout,
    );
    giveUp = () => reject(abandon?.reason);
    abandon?.addEventListener('abort', giveUp, { once: true });
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    abandon?.removeEventListener('abort', giveUp!);
  }
}

/** Answers how many records came out. */
function collect(answer: Transformed, origin: number, objects: RecordObject[], origins: number[]): number {
  if (answer === null || answer === undefined) return 0;
  if (Array.isArray(answer)) {
    for (const one of answer) checkRecord(one);
    for (const one of answer) {
      objects.push(one);
      origins.push(origin);
    }
    return answer.length;
  }
  checkRecord(answer);
  objects.push(answer as RecordObject);
  origins.push(origin);
  return 1;
}

function checkRecord(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    throw new Refused(`${nameOf(answer)} instead of a record`);
  }
  // Most are plain objects: the others are looked at.
  if (Object.getPrototypeOf(answer) === Object.prototype) return;
  const kind = Object.prototype.toString.call(answer).slice('[object '.length, -1);
  if (kind !== 'Object') throw new Refused(`a ${kind} instead of a record`);
}

/** What stands where a record should. */
function nameOf(answer: unknown): string {
  if (answer === null) return 'null in an array';
  return Array.isArray(answer) ? 'an array in an array' : `a ${typeof answer}`;
}

/** What is wrong with an answer: it was found here, so that no line of the user's stands in its stack. */
class Refused extends Error {}

/** What a value is that does not fit its declared type. */
class Misfit extends Error {}

function describeThrow(error: unknown): Pick<TransformFailure, 'reason' | 'message'> {
  if (error instanceof Misfit) return { reason: 'type', message: error.message };
  const reason = 'transform';
  if (error instanceof Refused) return { reason, message: `the transform answered ${error.message}` };
  const thrown = describeThrown(error);
  return { reason, message: error instanceof Error ? thrown : `the transform threw ${thrown}` };
}
