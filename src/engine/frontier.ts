import type { DoneRange } from '../core/checkpoint.js';
import type { Position } from '../core/position.js';
import type { Portion } from './portion.js';

/** A portion on its way, and how much of it is done. */
export interface Passage {
  /** Records read of it. */
  readonly records: number;
  done: number;
  /** Up to where it is done; before anything is, the end of the portion before it. */
  reached: Position | null;
  /** Nothing more of it will come. */
  ended: boolean;
}

/**
 * Where a job stands while several portions are on their way: everything before {@link position} is done, and what is done beyond it is known as
 * ranges. Portions set out in the order of the input and arrive in any.
 */
export class Frontier {
  #position: Position | null;
  /** Where the newest portion ends. */
  #begun: Position | null;
  /** The first is one that has not arrived. */
  readonly #passages: Passage[] = [];
  /** What an earlier run has done beyond the newest portion. */
  #beyond: readonly DoneRange[];

  constructor(position: Position | null, ahead: readonly DoneRange[]) {
    this.#position = position;
    this.#begun = position;
    this.#beyond = ahead;
  }

  /** Everything before it is done. */
  get position(): Position | null {
    return this.#position;
  }

  /** What is done beyond the position. */
  get ahead(): readonly DoneRange[] {
    const ranges: DoneRange[] = [];
    let after = 0;
    const add = (records: number, end: Position): void => {
      const last = after === 0 ? ranges.pop() : undefined;
      ranges.push({ after: last?.after ?? after, records: (last?.records ?? 0) + records, end });
      after = 0;
    };
    for (const [index, { records, done, reached }] of this.#passages.entries()) {
      // What is done of the first lies before the position.
      if (index > 0 && done > 0 && reached) add(done, reached);
      after += records - done;
    }
    for (const range of this.#beyond) {
      after += range.after;
      add(range.records, range.end);
    }
    return ranges;
  }

  /** A portion sets out; it ends at `end`. */
  begin(portion: Portion, end: Position): Passage {
    const passage = { records: portion.read, done: 0, reached: this.#begun, ended: false };
    this.#passages.push(passage);
    this.#begun = end;
    this.#beyond = behind(portion, this.#beyond);
    return passage;
  }

  /** A piece of a portion is done, up to `end`. */
  advance(passage: Passage, records: number, end: Position): void {
    passage.done += records;
    passage.reached = end;
    this.#settle();
  }

  /** The portion has arrived as a whole. */
  end(passage: Passage): void {
    passage.ended = true;
    this.#settle();
  }

  /** Moves the position over everything that is done without a gap. */
  #settle(): void {
    while (this.#passages[0]?.ended) this.#position = this.#passages.shift()!.reached;
    if (this.#passages[0]) this.#position = this.#passages[0].reached;
  }
}

/** The ranges as seen from the end of a portion. */
function behind(portion: Portion, ranges: readonly DoneRange[]): readonly DoneRange[] {
  const [next, ...others] = ranges;
  if (!next) return ranges;
  if (!portion.passed) return [{ ...next, after: next.after - portion.read }, ...others];
  const records = next.records - portion.read;
  return records > 0 ? [{ ...next, records }, ...others] : others;
}
