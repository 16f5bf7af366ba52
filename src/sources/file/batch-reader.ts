import { isAscii } from 'node:buffer';
import type { BatchLimits } from '../../core/source.js';
import type { Scanner } from '../../formats/scanner.js';
import type { RecordTable } from '../../formats/table.js';
import type { BatchInput, BatchPlace } from './batch-place.js';
import { endsLine } from './line-ends.js';
import { passLongRecord } from './long-record.js';
import { asFilePosition, type FilePosition } from './position.js';
import { READ_BYTES, type ReadAhead } from './read-ahead.js';
import { TextBatch } from './text-batch.js';
import { weed } from './weed.js';
import type { WindowPool } from './window.js';

/** Largest batch in bytes, whatever was asked for: with a record of the largest size behind it, it has to fit a window. */
const LARGEST_BATCH = 128 * 1024 * 1024;

/** How a file is cut into batches. */
export interface ReaderSettings {
  readonly maxRecordBytes: number;
  /** A last line without line ending is left unread. */
  readonly wholeLines: boolean;
}

/** How much was taken of the bytes that {@link BatchReader.consume} showed. */
export interface Taken {
  readonly bytes: number;
  readonly lines: number;
}

/**
 * Cuts one file into batches. The bytes are read into windows ahead of the scan, the scanner finds the records, and a batch is a view of
 * the window: nothing is copied except a batch that was begun when its window ran out.
 */
export class BatchReader {
  readonly #ahead: ReadAhead;
  readonly #input: BatchInput;
  readonly #settings: ReaderSettings;
  readonly #pool: WindowPool;
  #at: FilePosition;

  constructor(
    ahead: ReadAhead,
    input: BatchInput,
    start: FilePosition,
    settings: ReaderSettings,
    pool: WindowPool,
  ) {
    this.#ahead = ahead;
    this.#input = input;
    this.#at = start;
    this.#settings = settings;
    this.#pool = pool;
  }

  /** Whether a last line without line ending is left unread. */
  get wholeLines(): boolean {
    return this.#settings.wholeLines;
  }

  /**
   * Looks at what comes next, with as much as there is in memory, and lets `take` consume some of it; it answers null if it needs to
   * see more. For a header, a byte order mark, a line ending that came late.
   */
  async consume(take: (bytes: Buffer, last: boolean) => Taken | null): Promise<void> {
    const ahead = this.#ahead;
    let enough = 0;
    for (;;) {
      const { bytes, filled } = ahead.window;
      const waiting = filled - ahead.cursor;
      const due = ahead.ended || waiting >= enough;
      const taken = due ? take(bytes.subarray(ahead.cursor, filled), ahead.ended) : null;
      if (taken) return this.#advance(taken);
      if (due && waiting > READ_BYTES) enough = 2 * waiting;
      if (ahead.ended) throw new TypeError('nothing was taken at the end of the input');
      if (!(await ahead.fill(ahead.cursor))) return;
    }
  }

  /** The next batch; null at the end of the file, or when the run is to stop. */
  async next(limits: BatchLimits, scanner: Scanner, width: number): Promise<TextBatch | null> {
    const ahead = this.#ahead;
    const table = this.#pool.takeTable(width);
    table.clear(limits.records, ahead.cursor + Math.min(limits.bytes, LARGEST_BATCH));
    let scanned = ahead.cursor;
    let enough = 0;
    for (;;) {
      const { bytes, filled } = ahead.window;
      const waiting = filled - scanned;
      // Looked at again when twice as much is there: a long record that comes in small pieces stays linear.
      if (ahead.ended || waiting >= enough || waiting > this.#settings.maxRecordBytes + 1) {
        scanned = scanner.scan(bytes, scanned, filled, ahead.ended && !this.wholeLines, table);
        enough = 2 * (filled - scanned);
      }
      if (this.#isFull(table, scanned) || this.#isDone(scanned)) break;
      // One byte more may be a CR that ends it.
      if (filled - scanned > this.#settings.maxRecordBytes + 1) {
        if (scanned > ahead.cursor) break;
        this.#pool.giveTable(table);
        return await this.#passLongRecord(scanner, width);
      }
      const before = ahead.cursor;
      if (!(await ahead.fill(scanned))) {
        this.#pool.giveTable(table);
        return null;
      }
      const moved = ahead.cursor - before;
      if (moved !== 0) table.shift(moved);
      scanned += moved;
    }
    return this.#cut(table, scanned, scanner);
  }

  /** A batch without records: where the input ends that had none. `start` if not even what belongs to no record is to be consumed. */
  nothing(scanner: Scanner, width: number, start = this.#at): TextBatch {
    const at = this.#ahead.cursor;
    const table = this.#pool.takeTable(width);
    table.clear(0, 0);
    this.#at = start;
    const place = { from: at, to: at, bytes: 0, ascii: true, unterminated: false, tooLong: null };
    return this.#emit({ ...place, contiguous: at }, table, scanner);
  }

  async close(): Promise<void> {
    await this.#ahead.close();
  }

  /** Blank lines alone can fill a batch as well: it has no records then. */
  #isFull(table: RecordTable, scanned: number): boolean {
    const records = table.count + table.malformed.length;
    return records >= table.limit || (scanned > this.#ahead.cursor && scanned >= table.byteLimit);
  }

  /** Whether everything was scanned that may be. */
  #isDone(scanned: number): boolean {
    return this.#ahead.ended && (this.wholeLines || scanned === this.#ahead.window.filled);
  }

  #cut(table: RecordTable, to: number, scanner: Scanner): TextBatch | null {
    const { cursor: from, ended, window } = this.#ahead;
    if (to === from) {
      this.#pool.giveTable(table);
      return null;
    }
    const { bytes, filled } = window;
    const ascii = isAscii(bytes.subarray(from, to));
    weed(table, bytes, from, to, ascii, this.#settings.maxRecordBytes);
    const unterminated = ended && to === filled && !endsLine(bytes[to - 1]);
    const length = this.#input.rawLength(bytes, from, to);
    const place = { from, to, bytes: length, ascii, unterminated, tooLong: null, contiguous: from };
    return this.#emit(place, table, scanner);
  }

  async #passLongRecord(scanner: Scanner, width: number): Promise<TextBatch | null> {
    const { maxRecordBytes } = this.#settings;
    const found = await passLongRecord(this.#ahead, scanner, this.#input, {
      offset: this.#at.offset,
      maxBytes: maxRecordBytes,
      wholeLines: this.wholeLines,
    });
    if (!found) return null;
    const table = this.#pool.takeTable(width);
    table.clear(1, 0);
    table.innerLines = found.lines;
    return this.#emit(found.place, table, scanner);
  }

  #emit(place: Omit<BatchPlace, 'window' | 'start'>, table: RecordTable, scanner: Scanner): TextBatch {
    const { window } = this.#ahead;
    window.users++;
    const batch = new TextBatch({ ...place, window, start: this.#at }, table, scanner, this.#input, () => {
      this.#pool.leave(window);
      this.#pool.giveTable(table);
    });
    // The end is asked for now: the input knows its waypoint only until more is read.
    this.#at = asFilePosition(batch.end);
    this.#ahead.cursor = place.to;
    this.#ahead.begin();
    return batch;
  }

  /** Consumes bytes that belong to no record. */
  #advance({ bytes, lines }: Taken): void {
    const { window, cursor } = this.#ahead;
    const offset = this.#at.offset + this.#input.rawLength(window.bytes, cursor, cursor + bytes);
    this.#ahead.cursor += bytes;
    this.#at = {
      ...this.#at,
      offset,
      line: this.#at.line + lines,
      unterminated: this.#at.unterminated && bytes === 0,
      waypoint: this.#input.waypoint(offset),
      tail: bytes === 0 ? this.#at.tail : null,
    };
  }
}
