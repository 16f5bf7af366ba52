import type { DoneRange } from '../core/checkpoint.js';
import type { Position } from '../core/position.js';
import type { Portion } from './portion.js';

/** A portion on its way, and how much of it is done. */
export interface Passage {
  /** Records read of it, and of what ended behind it side by side. */
  records: number;
  done: number;
  /** Up to where it is done; before anything is, the end of the portion before it. */
  reached: Position | null;
  /** True if a batch ends where it does. */
  endsBatch: boolean;
  /** All of it is done. */
  ended: boolean;
}

/**
 * Where a job stands while several portions are on their way: everything before {@link position} is done, and what is done beyond it is known as
 * ranges. Portions set out in the order of the input and arrive in any.
 *
 * With `atBatches` the position is always one where a batch ends, and the pieces of a batch that are done are ranges: the next run cuts the same batches.
 */
export class Frontier {
  readonly #atBatches: boolean;
  #position: Position | null;
  /** Where the newest portion ends. */
  #begun: Position | null;
  /** The first is one behind which the position cannot move. Neighbours that ended are one, so that there are few however long the first takes. */
  #passages: Passage[] = [];
  /** What an earlier run has done beyond the newest portion. */
  #beyond: readonly DoneRange[];

  constructor(position: Position | null, ahead: readonly DoneRange[], atBatches = false) {
    this.#atBatches = atBatches;
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
      // What is done of the first may lie before the position.
      const isBehind = index === 0 && !this.#atBatches;
      if (!isBehind && done > 0 && reached) add(done, reached);
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
    const { read: records, endsBatch } = portion;
    const passage = { records, done: 0, reached: this.#begun, endsBatch, ended: false };
    this.#passages.push(passage);
    this.#begun = end;
    this.#beyond = behind(portion, this.#beyond);
    return passage;
  }

  /** A piece of a portion is done, up to `end`. */
  advance(passage: Passage, records: number, end: Position): void {
    if (passage.ended) return;
    passage.done += records;
    passage.reached = end;
    passage.ended = passage.done === passage.records;
    if (passage.ended) this.#join(this.#passages.indexOf(passage));
    this.#settle();
  }

  /** Everything that set out has arrived, and nothing more will: the position is the end of it. */
  close(): void {
    const [next] = this.#beyond;
    if (next?.after === 0) [this.#begun, this.#beyond] = [next.end, this.#beyond.slice(1)];
    this.#passages = [];
    this.#position = this.#begun;
  }

  /** Moves the position over everything that is done without a gap. */
  #settle(): void {
    while (this.#passages[0]?.ended && (this.#passages[0].endsBatch || !this.#atBatches))
      this.#position = this.#passages.shift()!.reached;
    if (this.#passages[0] && !this.#atBatches) this.#position = this.#passages[0].reached;
  }

  /** Makes one of a passage that ended and its neighbours that did. */
  #join(index: number): void {
    const first = this.#passages[index - 1]?.ended ? index - 1 : index;
    while (this.#passages[first + 1]?.ended) {
      const [{ records, done, reached, endsBatch }] = this.#passages.splice(first + 1, 1) as [Passage];
      const passage = this.#passages[first]!;
      passage.records += records;
      passage.done += done;
      passage.reached = reached;
      passage.endsBatch = endsBatch;
    }
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
