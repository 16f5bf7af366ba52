import { CR, LF } from './line-ends.js';

/** Tells the numbers of lines in a piece of a file. Cheap if they are asked for in order: it counts on from the newest one. */
export class LineCounter {
  readonly #bytes: Buffer;
  readonly #from: number;
  readonly #line: number;
  /** JSON has no lone CR as a line ending. */
  readonly #lineFeedsOnly: boolean;
  #knownAt: number;
  #knownLine: number;

  /** `line` is the number of the line that begins at `from`. */
  constructor(bytes: Buffer, from: number, line: number, lineFeedsOnly: boolean) {
    this.#bytes = bytes;
    this.#from = from;
    this.#line = line;
    this.#lineFeedsOnly = lineFeedsOnly;
    this.#knownAt = from;
    this.#knownLine = line;
  }

  /** The number of the line that begins at `at`. */
  lineAt(at: number): number {
    if (at < this.#knownAt) {
      this.#knownAt = this.#from;
      this.#knownLine = this.#line;
    }
    const count = this.#lineFeedsOnly ? countLineFeeds : countLines;
    this.#knownLine += count(this.#bytes, this.#knownAt, at);
    this.#knownAt = at;
    return this.#knownLine;
  }
}

/** Line endings in `bytes[from, to)`, whose bounds are not inside of one. */
function countLines(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) {
    if (bytes[i] === LF || (bytes[i] === CR && (i + 1 === to || bytes[i + 1] !== LF))) lines++;
  }
  return lines;
}

function countLineFeeds(bytes: Buffer, from: number, to: number): number {
  let lines = 0;
  for (let i = bytes.indexOf(LF, from); i >= 0 && i < to; i = bytes.indexOf(LF, i + 1)) lines++;
  return lines;
}
