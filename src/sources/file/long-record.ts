import { RAW_LIMIT } from '../../core/batch.js';
import type { Scanner, SkipState } from '../../formats/scanner.js';
import type { BatchInput, BatchPlace } from './batch-place.js';
import { CR, endsLine, LF } from './line-ends.js';
import type { ReadAhead } from './read-ahead.js';
import { SAMPLE_BYTES } from './sample.js';
import { tooLong } from './weed.js';

const LINE_FEED = Buffer.of(LF);

/** A record that is too long to keep, as the only one of a batch. */
export interface LongRecord {
  readonly place: Omit<BatchPlace, 'window' | 'start'>;
  /** Line endings inside. */
  readonly lines: number;
}

/** Where the record begins in the input, and how it is read. */
interface Passing {
  readonly offset: number;
  readonly maxBytes: number;
  readonly wholeLines: boolean;
}

/** Bounds in the window of the last piece of a record, and what was counted on the way there. */
interface Passed {
  readonly from: number;
  readonly to: number;
  /** Bytes of the input, line ending included. */
  readonly length: number;
  /** Characters of the line ending. */
  readonly ending: number;
  readonly lines: number;
}

/**
 * Passes over the record at the cursor, which is longer than `how.maxBytes`, and keeps its beginning. Null if the run is to stop before its end, or if the
 * input ends before that and is to be read in whole lines.
 */
export async function passLongRecord(
  ahead: ReadAhead,
  scanner: Scanner,
  input: BatchInput,
  how: Passing,
): Promise<LongRecord | null> {
  const kept = Math.min(how.maxBytes, RAW_LIMIT);
  const passed = await pass(ahead, scanner, input, kept, how);
  if (!passed) return null;
  const { from, to, length, ending, lines } = passed;
  const start = ahead.cursor;
  const own = length - ending * input.rawLength(LINE_FEED, 0, 1);
  const end = Math.min(start + kept, to);
  return {
    lines,
    place: {
      from: start,
      to,
      bytes: length,
      ascii: false,
      unterminated: ending === 0,
      tooLong: { before: 0, start, end, length: own, ...tooLong(own, how.maxBytes) },
      contiguous: from,
    },
  };
}

async function pass(
  ahead: ReadAhead,
  scanner: Scanner,
  input: BatchInput,
  kept: number,
  { offset, wholeLines }: Passing,
): Promise<Passed | null> {
  const state: SkipState = { value: 0, lines: 0 };
  let from = ahead.cursor;
  let length = 0;
  let last = -1;
  for (;;) {
    const { bytes, filled } = ahead.window;
    const end = scanner.skip(bytes, from, filled, state);
    const to = end < 0 ? filled : end;
    const beforeLast = to - from > 1 ? bytes[to - 2]! : last;
    last = to > from ? bytes[to - 1]! : last;
    length += input.rawLength(bytes, from, to);
    if (end >= 0 || ahead.ended) {
      if (end < 0 && wholeLines) return null;
      return { from, to, length, ending: endingOf(beforeLast, last), lines: state.lines };
    }
    // Nobody asks for an earlier place any more: what stdin keeps to hash it can go.
    input.waypoint(offset + length);
    // What a sample passes over of stdin is kept: it ends here, as it would behind the record.
    if (ahead.sampling && length > SAMPLE_BYTES) return null;
    // Its beginning stays where it is, as far as a reject keeps it; what follows is read over the rest.
    from = ahead.giveUp(ahead.cursor + kept);
    const before = ahead.cursor;
    if (!(await ahead.fill(before))) return null;
    from += ahead.cursor - before;
  }
}

/** Characters of the line ending that two bytes end with. */
function endingOf(beforeLast: number, last: number): number {
  if (!endsLine(last)) return 0;
  return last === LF && beforeLast === CR ? 2 : 1;
}
