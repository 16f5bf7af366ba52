import { TrancheError } from '../../core/errors.js';
import type { Mark } from '../../core/position.js';
import type { Refusal, Written } from '../../core/target.js';
import { postgresError } from '../../postgres/errors.js';

/** Every record is refused: there is no table, and nothing is known to make one of. */
export function refuseAll(count: number, mark: Mark): Written {
  const refused = Array.from(
    { length: count },
    (_, index): Refusal => ({
      index,
      reason: 'refused',
      message: 'no column is known that the record could go into',
    }),
  );
  return { mark, count: 0, refused };
}

/** The error of work whose signal was aborted. */
export function givenUp(place: string, { reason }: AbortSignal): TrancheError {
  if (reason instanceof TrancheError) return reason;
  return new TrancheError('timeout', `gave up writing ${place}`, { kind: 'transient' });
}

/** Whether another attempt may succeed. */
export function isTransient(error: unknown): boolean {
  return postgresError('write', '', error).kind === 'transient';
}

/** The error of work that has no connection. */
export function connectionLost(place: string): TrancheError {
  return new TrancheError('busy', `cannot write ${place}: the connection was lost`, { kind: 'transient' });
}

/** The error for a ledger that holds an entry of before. */
export function wentBack(place: string): TrancheError {
  return new TrancheError(
    'target_changed',
    `${place}: the ledger is not what this run left there: the server was restored to an earlier time`,
    { path: place, hint: 'go on from what the ledger says with --resume' },
  );
}
