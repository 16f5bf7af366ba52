import type { Target } from '../core/target.js';

/** Whether what a kill leaves in flight has to be cut again as it was: the target tells batches it has seen by where they begin and what they hold. */
export function cutsAgain({ traits, ledger }: Target): boolean {
  return traits.keyedByBatch === true && ledger === undefined;
}
