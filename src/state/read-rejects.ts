import type { KeptReject } from '../core/reject.js';
import { readLines } from '../durable/read-lines.js';
import { parseReject } from './reject-line.js';

/** A reject of a file, and the offset behind its line. */
export interface RejectAt {
  readonly reject: KeptReject;
  readonly end: number;
}

/** Bytes `[from, to)` of a file of rejects. */
export interface RejectsRange {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  /** Rejects of the job before `from`, where lines do not tell their number. */
  readonly before: number;
}

/** The rejects of a range, one at a time. */
export async function* readRejects({ path, from, to, before }: RejectsRange): AsyncGenerator<RejectAt> {
  let number = before;
  for await (const { text, end } of readLines(path, from, to)) {
    number++;
    yield { reject: parseReject(text, number, `reject ${number} in ${path}`), end };
  }
}
