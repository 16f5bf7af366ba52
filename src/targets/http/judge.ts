import { STATUS_CODES } from 'node:http';
import { TrancheError } from '../../core/errors.js';
import type { Refusal } from '../../core/target.js';
import { type Answer, headerOf } from './answer.js';
import { hintFor } from './hints.js';
import { type NamedError, namedErrorsOf } from './named-errors.js';
import type { Quotation } from './quotation.js';
import { retryAfterOf } from './retry-after.js';
import type { Statuses } from './statuses.js';

/**
 * What became of the records that were sent. `accepted`: they are there, but for the refused ones. Otherwise none is there, and those that are refused are at
 * fault; no refusals: it is not known which.
 */
export interface Verdict {
  readonly accepted: boolean;
  readonly refused: readonly Refusal[];
  /** What the server said, with the request. */
  readonly message: string;
}

/** What almost every answer says. */
const taken: Verdict = { accepted: true, refused: [], message: '' };

/** Reads answers. */
export class Judge {
  /** The request as a message shows it: `POST https://host/path`. */
  readonly request: string;
  readonly #statuses: Statuses;
  readonly #quotation: Quotation;

  constructor(request: string, statuses: Statuses, quotation: Quotation) {
    this.request = request;
    this.#statuses = statuses;
    this.#quotation = quotation;
  }

  /** Throws what is `transient` or ends the run. `sent`: number of records in the request. */
  judge(answer: Answer, sent: number): Verdict {
    const { status } = answer;
    const fate = this.#statuses.fateOf(status);
    if (fate === 'accepted') return this.#accepted(answer, sent);
    const message = this.#messageOf(answer);
    if (fate === 'reject')
      return {
        accepted: false,
        refused: this.#refusalsOf(namedErrorsOf(answer) ?? [], sent, message),
        message,
      };
    const details = { operation: 'request', path: this.request };
    if (fate === 'stop')
      throw new TrancheError('target_refused', message, { ...details, hint: hintFor(answer, this.request) });
    const retryAfter = retryAfterOf(headerOf(answer, 'retry-after'), headerOf(answer, 'date'));
    throw new TrancheError('busy', message, {
      ...details,
      kind: 'transient',
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  }

  /** An answer that complains without saying about which record must not pass for a success. */
  #accepted(answer: Answer, sent: number): Verdict {
    const errors = namedErrorsOf(answer) ?? [];
    const unread = answer.cut && answer.body.includes('"errors"');
    if (errors.length === 0 && !unread) return taken;
    const message = this.#messageOf(answer);
    if (unread) throw this.#unclear(message, 'it is too long to be read, and may list errors');
    const refused = this.#refusalsOf(errors, sent, message);
    if (sent > 1 && refused.length < errors.length) {
      const what = 'it lists errors without saying for each which record it is about, or the same twice';
      throw this.#unclear(message, what);
    }
    return { accepted: true, refused, message };
  }

  /** Of a single record every complaint is about it. Indices that cannot be are left out. */
  #refusalsOf(errors: readonly NamedError[], sent: number, message: string): Refusal[] {
    const found = new Map<number, Refusal>();
    for (const error of errors) {
      const index = sent === 1 ? 0 : error.index;
      if (index === null || !Number.isInteger(index) || index < 0 || index >= sent) continue;
      const reason = error.message === null ? message : this.#quotation.of(error.message);
      if (!found.has(index)) found.set(index, { index, reason: 'refused', message: reason });
    }
    return [...found.values()].sort((a, b) => a.index - b.index);
  }

  #unclear(message: string, what: string): TrancheError {
    return new TrancheError('target_refused', `${message}: ${what}`, {
      operation: 'request',
      path: this.request,
      hint: 'send the records one by one with --per-record, or fewer at a time with --batch-size',
    });
  }

  #messageOf({ status, body }: Answer): string {
    const meaning = STATUS_CODES[status];
    const said = this.#quotation.of(body.toString('utf8'));
    return `${this.request}: ${status}${meaning === undefined ? '' : ` ${meaning}`}${said === '' ? '' : `: ${said}`}`;
  }
}
