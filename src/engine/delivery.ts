import type { Target } from '../core/target.js';
import type { Books } from './books.js';
import type { ErrorBudget } from './budget.js';
import type { Traffic } from './traffic.js';
import type { Retrying } from './wait-for-retry.js';

/** What delivering needs besides the portion. */
export interface Delivery extends Retrying {
  readonly target: Target;
  readonly books: Books;
  readonly traffic: Traffic;
  readonly budget: ErrorBudget;
  /** Milliseconds that one attempt may take. */
  readonly timeout: number;
  /** Aborted when the process is about to end: attempts under way are to end at once. */
  readonly abandon: AbortSignal | null;
}
