import { TrancheError } from '../core/errors.js';

/**
 * How long something may take. Its signal is aborted after so many milliseconds, or when `abandon` is; the time begins when the signal is first asked for, and
 * nothing is set up before: for fast batches that would be most of their garbage. Not `AbortSignal.timeout`: its timers outlive what they limit.
 */
export class TimeLimit {
  readonly #milliseconds: number;
  readonly #abandon: AbortSignal | null;
  #controller: AbortController | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, abandon: AbortSignal | null) {
    this.#milliseconds = milliseconds;
    this.#abandon = abandon;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#begun();
    return this.#controller.signal;
  }

  /** The time begins once more. */
  beginAnew(): void {
    this.#timer?.refresh();
  }

  /** To be called when it is over: nothing is aborted any more. */
  end(): void {
    clearTimeout(this.#timer);
    this.#abandon?.removeEventListener('abort', this.#abandoned);
  }

  #begun(): AbortController {
    const controller = new AbortController();
    this.#timer = setTimeout(() => controller.abort(timedOut(this.#milliseconds)), this.#milliseconds);
    this.#abandon?.addEventListener('abort', this.#abandoned, { once: true });
    return controller;
  }

  readonly #abandoned = (): void => this.#controller?.abort(this.#abandon?.reason);
}

function timedOut(milliseconds: number): TrancheError {
  return new TrancheError('timeout', `the batch took longer than ${milliseconds} ms`, {
    kind: 'transient',
    hint: 'allow more with --timeout',
  });
}
