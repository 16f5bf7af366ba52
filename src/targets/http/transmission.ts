import { TrancheError } from '../../core/errors.js';
import type { Refusal, WriteBatch } from '../../core/target.js';
import { type EncodedBatch, recordIndexOf } from '../batch-body.js';
import type { Answer } from './answer.js';
import type { ExchangeEnd } from './exchange.js';
import type { Judge, Verdict } from './judge.js';
import type { Lane } from './lane.js';
import { abortError, networkError } from './network-error.js';
import type { PreparedRequest } from './requests.js';

/** A batch on its way: its requests one after the other. What got through in an attempt that failed later is not sent again. */
export class Transmission {
  readonly #encoded: EncodedBatch;
  readonly #requests: Iterator<PreparedRequest, undefined>;
  readonly #judge: Judge;
  readonly #refused: Refusal[] = [];
  /** The one to be sent next; undefined when all are done. */
  #request: PreparedRequest | undefined;
  #accepted = 0;

  constructor(encoded: EncodedBatch, requests: Iterator<PreparedRequest, undefined>, judge: Judge) {
    this.#encoded = encoded;
    this.#requests = requests;
    this.#judge = judge;
    this.#request = requests.next().value;
  }

  /** Records that the server took. */
  get accepted(): number {
    return this.#accepted;
  }

  /** Records that it did not take, and those that could not be encoded, in order of their index. */
  get refused(): readonly Refusal[] {
    return [...this.#encoded.refused, ...this.#refused].sort((a, b) => a.index - b.index);
  }

  /** Sends what is left. Throws as `Target.write` does. */
  send(lane: Lane, { signal, progressed }: Pick<WriteBatch, 'signal' | 'progressed'>): Promise<void> {
    // No promise a request: a batch may have thousands.
    return new Promise((resolve, reject) => {
      const next = (): void => {
        if (!this.#request) resolve();
        else if (signal.aborted) reject(abortError(signal, this.#judge.request));
        else lane.send(this.#request.key, this.#request.body, end);
      };
      const end: ExchangeEnd = {
        answered: answer => {
          try {
            this.#settle(this.#request!, answer);
            if (this.#request) progressed();
            next();
          } catch (error) {
            reject(error);
          }
        },
        failed: error => {
          const { request } = this.#judge;
          reject(signal.aborted ? abortError(signal, request) : networkError(error, request));
        },
      };
      next();
    });
  }

  /** Notes what an answer means, and goes on to the next request. Throws what is to be tried again or to end the run. */
  #settle(request: PreparedRequest, answer: Answer): void {
    this.#note(request, this.#judge.judge(answer, request.count));
    this.#request = this.#requests.next().value;
  }

  /** A batch of which nothing was taken is a matter of the engine; a record that was sent by itself is known. */
  #note({ first, count }: PreparedRequest, { accepted, refused, message }: Verdict): void {
    if (accepted && refused.length === 0) {
      this.#accepted += count;
      return;
    }
    const refusals = refused.map(one => ({ ...one, index: recordIndexOf(first + one.index, this.#encoded) }));
    if (accepted) {
      this.#accepted += count - refusals.length;
      this.#refused.push(...refusals);
    } else if (count === 1) {
      const index = recordIndexOf(first, this.#encoded);
      this.#refused.push(refusals[0] ?? { index, reason: 'refused', message });
    } else {
      throw new TrancheError('target_refused', message, {
        kind: 'record',
        operation: 'request',
        path: this.#judge.request,
        refusals,
      });
    }
  }
}
