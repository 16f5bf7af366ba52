import { TrancheError } from '../../core/errors.js';

/** What an answer means for a batch: it is there, it is to be sent again, a record in it is at fault, or the run is to stop. */
export type Fate = 'accepted' | 'retry' | 'reject' | 'stop';

/** 409: a request with the same idempotency key is still being worked at. */
const defaults: ReadonlyMap<string, Fate> = new Map([
  ...['2xx'].map(status => [status, 'accepted'] as const),
  ...['408', '409', '425', '429', '5xx'].map(status => [status, 'retry'] as const),
  ...['400', '413', '422'].map(status => [status, 'reject'] as const),
]);

/** What each status means: the usual, and what a person added to it. */
export class Statuses {
  readonly #given: ReadonlyMap<string, Fate>;
  /** Of the statuses that came. */
  readonly #known = new Map<number, Fate>();

  /** Entries are statuses (`404`) or classes of them (`5xx`). Throws `usage` for one that is in both lists. */
  constructor(reject: readonly string[], retry: readonly string[]) {
    const both = reject.find(status => retry.includes(status));
    if (both !== undefined)
      throw new TrancheError('usage', `${both} is both in --reject-status and in --retry-status`);
    this.#given = new Map([
      ...reject.map(status => [status, 'reject'] as const),
      ...retry.map(status => [status, 'retry'] as const),
    ]);
  }

  /** What was given counts before what is usual, and a status before its class. */
  fateOf(status: number): Fate {
    let fate = this.#known.get(status);
    if (fate === undefined) {
      fate = this.#find(status);
      this.#known.set(status, fate);
    }
    return fate;
  }

  #find(status: number): Fate {
    const names = [`${status}`, `${Math.floor(status / 100)}xx`];
    for (const list of [this.#given, defaults]) {
      for (const name of names) {
        const fate = list.get(name);
        if (fate !== undefined) return fate;
      }
    }
    return 'stop';
  }
}

/** `404,409,5xx`. Throws a `TypeError` that says what is expected. */
export function parseStatuses(text: string): readonly string[] {
  const statuses = text.split(',').map(part => part.trim().toLowerCase());
  checkStatuses(statuses);
  return statuses;
}

/** Throws a `TypeError` for what is no list of statuses. */
export function checkStatuses(value: unknown): void {
  const fits = Array.isArray(value) && value.every(status => /^[345](?:\d\d|xx)$/.test(String(status)));
  if (!fits) throw new TypeError('statuses from 300 to 599 or classes of them, such as 404,409 or 5xx');
}
