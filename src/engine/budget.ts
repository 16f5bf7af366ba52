import { TrancheError } from '../core/errors.js';
import type { Reject } from '../core/reject.js';

/** `--max-errors`: rejects that a run may have. */
export type ErrorLimit = { readonly count: number } | { readonly percent: number };

/** Records that have to be read before a percentage means anything. */
const PERCENT_AFTER = 1000;

/** Counts this run's rejects against the limit. What an earlier run rejected was looked at before this one was started. */
export class ErrorBudget {
  readonly #limit: ErrorLimit;
  #read = 0;
  #rejected = 0;
  #first: Reject | undefined;

  constructor(limit: ErrorLimit) {
    this.#limit = limit;
  }

  /** Rejects that may still come before the run has to stop; infinite for a percentage. */
  get left(): number {
    return 'count' in this.#limit ? this.#limit.count - this.#rejected : Number.POSITIVE_INFINITY;
  }

  /** Counts what was committed. */
  spend(read: number, rejects: readonly Reject[]): void {
    this.#read += read;
    this.#rejected += rejects.length;
    this.#first ??= rejects[0];
  }

  /** The error to stop with, if the limit is passed. At the end of the input a percentage counts however few records were read. */
  exceeded(atEnd: boolean): TrancheError | null {
    const first = this.#first;
    if (!first || !this.#isExceeded(atEnd)) return null;
    const allowed = 'count' in this.#limit ? `${this.#limit.count}` : `${this.#limit.percent}%`;
    const { file, line, offset } = first.at;
    const place = line > 0 ? `${file}, line ${line}, byte ${offset}` : `${file}, record ${first.at.record}`;
    return new TrancheError(
      'too_many_rejects',
      `${this.#rejected === 1 ? '1 record was' : `${this.#rejected} records were`} rejected, --max-errors allows ${allowed}; the first: ${place}: ${first.message}`,
      { hint: 'if more are to be expected, allow more with --max-errors' },
    );
  }

  #isExceeded(atEnd: boolean): boolean {
    if ('count' in this.#limit) return this.#rejected > this.#limit.count;
    if (this.#read < PERCENT_AFTER && !atEnd) return false;
    return this.#limit.percent < 100 && this.#rejected * 100 > this.#limit.percent * this.#read;
  }
}
