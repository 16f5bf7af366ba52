import type { Location } from '../core/position.js';
import type { Refusal, WriteBatch } from '../core/target.js';
import type { Settlement } from './books.js';
import type { Delivery } from './delivery.js';
import { demandWhole } from './demand-whole.js';
import type { Passage } from './frontier.js';
import { demandAllowed } from './one-too-many.js';
import { originOf, type Portion } from './portion.js';
import { TimeLimit } from './time-limit.js';

/**
 * What a target is told at one attempt. A class: a getter in an object literal makes a hidden class a batch, and what that refers to dies only with
 * the next large garbage collection.
 */
export class WriteCall implements WriteBatch {
  readonly batch;
  readonly records;
  readonly number;
  readonly attempt;
  readonly locate: (index: number) => Location;
  readonly progressed: () => void;
  readonly demandWhole: (refused: readonly Refusal[]) => void;
  readonly seal: (refused: readonly Refusal[]) => Promise<string>;
  readonly #limit: TimeLimit;

  constructor(
    portion: Portion,
    passage: Passage,
    attempt: number,
    { books, budget, timeout, abandon }: Delivery,
    settlement: Settlement,
    progressed: () => void,
  ) {
    const { batch, records, number } = portion;
    this.batch = batch;
    this.records = records;
    this.number = number;
    this.attempt = attempt;
    this.#limit = new TimeLimit(timeout, abandon);
    this.locate = index => batch.locate(originOf(portion, index));
    this.progressed = () => {
      this.#limit.beginAnew();
      progressed();
    };
    this.demandWhole = refused => {
      demandWhole(portion, refused);
      demandAllowed(portion, refused, budget.left);
    };
    this.seal = async refused => {
      this.demandWhole(refused);
      return await books.seal(portion, passage, refused, attempt, settlement);
    };
  }

  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  /** The target has answered. */
  end(): void {
    this.#limit.end();
  }
}
