import type { DoneRange } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import type { Source } from '../core/source.js';
import { endOf, type Portion, passedPortion } from './portion.js';
import { splitAfter } from './split-portion.js';

/** Finds in what is read the ranges that an earlier run has done beyond its position. */
export class DoneRanges {
  readonly #source: Source;
  readonly #ranges: DoneRange[];

  constructor(source: Source, ranges: readonly DoneRange[]) {
    this.#source = source;
    this.#ranges = [...ranges];
  }

  /** A portion cut at the borders of the ranges; what is done already is marked as passed. */
  *cut(portion: Portion): Generator<Portion> {
    for (let rest: Portion | null = portion; rest; ) {
      const range: DoneRange | undefined = this.#ranges[0];
      if (!range) return yield rest;
      const passing = range.after === 0;
      const [part, more]: [Portion, Portion | null] = splitAfter(rest, passing ? range.records : range.after);
      this.#ranges[0] = passing
        ? { ...range, records: range.records - part.read }
        : { ...range, after: range.after - part.read };
      if (passing && range.records === part.read) this.#leave(range, part);
      yield passing ? passedPortion(part) : part;
      rest = more;
    }
  }

  /** To be called at the end of the input. Throws `source_changed` if there are ranges that were not met. */
  end(): void {
    if (this.#ranges.length > 0) throw this.#changed('it ends before');
  }

  /** Counting alone would go wrong unseen if records came or went. */
  #leave(range: DoneRange, part: Portion): void {
    const here = this.#source.tell(endOf(part));
    if (here !== this.#source.tell(range.end)) throw this.#changed(`${here} was found instead of`);
    this.#ranges.shift();
  }

  #changed(how: string): TrancheError {
    const { name } = this.#source;
    const [range] = this.#ranges;
    return new TrancheError(
      'source_changed',
      `${name} is not what the checkpoint describes: ${how} ${this.#source.tell(range!.end)}, up to where records were written out of order`,
      {
        path: name,
        hint: 'start from the beginning with --fresh, or say --on-change continue to write again what was written out of order',
      },
    );
  }
}
