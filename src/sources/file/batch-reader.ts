import { isAscii } from 'node:buffer';
import { RAW_LIMIT } from '../../core/batch.js';
import type { BatchLimits } from '../../core/source.js';
import type { Scanner, SkipState } from '../../formats/scanner.js';
import type { RecordTable } from '../../formats/table.js';
import type { Input } from '../../storage/input.js';
import type { FilePosition } from './position.js';
import { SAMPLE_BYTES } from './sample.js';
import { type BatchInput, type BatchPlace, TextBatch } from './text-batch.js';
import { tooLong, weed } from './weed.js';
import type { Window, WindowPool } from './window.js';

const LF = 10;
const CR = 13;
const LINE_FEED = Buffer.of(LF);
/** Bytes asked for in one read. */
const READ_BYTES = 1024 * 1024;
/** Largest batch in bytes, whatever was asked for: with a record of the largest size behind it, it has to fit a window. */
const LARGEST_BATCH = 128 * 1024 * 1024;

/** How a file is cut into batches. */
export interface ReaderSettings {
  readonly maxRecordBytes: number;
  /** A last line without line ending is left unread. */
  readonly wholeLines: boolean;
}

/** What was found of a record that is too long to keep. */
interface LongRecord {
  /** Bytes of its beginning that are still in the window. */
  readonly kept: number;
  /** Bounds in the window of its last piece, line ending included. */
  readonly from: number;
  readonly to: number;
  /** Bytes of the input, line ending included. */
  readonly length: number;
  /** Characters of the line ending. */
  readonly ending: number;
  /** Line endings inside. */
  readonly lines: number;
}

/**
 * Cuts one file into batches. The bytes are read into windows ahead of the scan, the scanner finds the records, and a batch is a view of
 * the window: nothing is copied except a batch that was begun when its window ran out.
 */
export class BatchReader {
  readonly #input: Input;
  readonly #batchInput: BatchInput;
  readonly #settings: ReaderSettings;
  readonly #pool: WindowPool;
  readonly #signal: AbortSignal;
  readonly #ahead: boolean;
  #window: Window;
  /** Offset in the window of the first byte that is in no batch yet. */
  #cursor = 0;
  #at: FilePosition;
  #ended = false;
  #closed = false;
  #reading: Promise<number> | null = null;

  constructor(
    input: Input,
    batchInput: BatchInput,
    start: FilePosition,
    settings: ReaderSettings,
    pool: WindowPool,
    signal: AbortSignal,
    ahead = true,
  ) {
    this.#ahead = ahead;
    this.#input = input;
    this.#batchInput = batchInput;
    this.#at = start;
    this.#settings = settings;
    this.#pool = pool;
    this.#signal = signal;
    this.#window = pool.take(0);
  }

  /** Whether a last line without line ending is left unread. */
  get wholeLines(): boolean {
    return this.#settings.wholeLines;
  }

  /**
   * Looks at what comes next, with as much as there is in memory, and lets `take` consume some of it: it answers how many bytes and lines, or null if it needs to
   * see more. For a header, a byte order mark, a line ending that came late.
   */
  async consume(
    take: (bytes: Buffer, last: boolean) => { bytes: number; lines: number } | null,
  ): Promise<void> {
    let enough = 0;
    for (;;) {
      const { bytes, filled } = this.#window;
      const waiting = filled - this.#cursor;
      const due = this.#ended || waiting >= enough;
      const taken = due ? take(bytes.subarray(this.#cursor, filled), this.#ended) : null;
      if (due && waiting > READ_BYTES) enough = 2 * waiting;
      if (taken) {
        this.#advance(taken.bytes, taken.lines);
        return;
      }
      if (this.#ended) throw new TypeError('nothing was taken at the end of the input');
      if (!(await this.#fill(this.#cursor))) return;
    }
  }

  /** The next batch; null at the end of the file, or when the run is to stop. */
  async next(limits: BatchLimits, scanner: Scanner, width: number): Promise<TextBatch | null> {
    const table = this.#pool.takeTable(width);
    table.clear(limits.records, this.#cursor + Math.min(limits.bytes, LARGEST_BATCH));
    let scanned = this.#cursor;
    let enough = 0;
    for (;;) {
      const waiting = this.#window.filled - scanned;
      // Looked at again when twice as much is there: a long record that comes in small pieces stays linear.
      if (this.#ended || waiting >= enough || waiting > this.#settings.maxRecordBytes + 1) {
        scanned = scanner.scan(this.#window.bytes, scanned, this.#window.filled, this.#isLast(), table);
        enough = 2 * (this.#window.filled - scanned);
      }
      if (this.#isFull(table, scanned) || (this.#ended && this.#isDone(scanned))) break;
      // One byte more may be a CR that ends it.
      if (this.#window.filled - scanned > this.#settings.maxRecordBytes + 1) {
        if (scanned > this.#cursor) break;
        this.#pool.giveTable(table);
        return await this.#skipRecord(scanner, width);
      }
      const before = this.#cursor;
      if (!(await this.#fill(scanned))) {
        this.#pool.giveTable(table);
        return null;
      }
      if (this.#cursor !== before) {
        table.shift(this.#cursor - before);
        scanned += this.#cursor - before;
      }
    }
    return this.#cut(table, scanned, scanner);
  }

  /** A batch without records: where the input ends that had none. `start` if not even what belongs to no record is to be consumed. */
  nothing(scanner: Scanner, width: number, start = this.#at): TextBatch {
    const table = this.#pool.takeTable(width);
    table.clear(0, 0);
    const at = this.#cursor;
    return this.#emit(
      {
        window: this.#window,
        from: at,
        to: at,
        start,
        bytes: 0,
        ascii: true,
        unterminated: false,
        tooLong: null,
        contiguous: at,
      },
      table,
      scanner,
    );
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#input.close();
    // After a stop nobody waits for a terminal to be typed at: the window is given up to the read that is under way.
    if (this.#reading && this.#signal.aborted) return;
    await this.#reading?.catch(() => undefined);
    this.#pool.leave(this.#window);
  }

  #isLast(): boolean {
    return this.#ended && !this.#settings.wholeLines;
  }

  /** At the end of the file: whether everything was scanned that may be. */
  #isDone(scanned: number): boolean {
    return this.#settings.wholeLines || scanned === this.#window.filled;
  }

  /** Blank lines alone can fill a batch as well: it has no records then. */
  #isFull(table: RecordTable, scanned: number): boolean {
    const records = table.count + table.malformed.length;
    return records >= table.limit || (scanned > this.#cursor && scanned >= table.byteLimit);
  }

  #cut(table: RecordTable, to: number, scanner: Scanner): TextBatch | null {
    const from = this.#cursor;
    if (to === from) {
      this.#pool.giveTable(table);
      return null;
    }
    const { bytes, filled } = this.#window;
    const ascii = isAscii(bytes.subarray(from, to));
    weed(table, bytes, from, to, ascii, this.#settings.maxRecordBytes);
    const unterminated = this.#ended && to === filled && !endsLine(bytes[to - 1]);
    const length = this.#batchInput.rawLength(bytes, from, to);
    return this.#emit(
      {
        window: this.#window,
        from,
        to,
        start: this.#at,
        bytes: length,
        ascii,
        unterminated,
        tooLong: null,
        contiguous: from,
      },
      table,
      scanner,
    );
  }

  #emit(place: BatchPlace, table: RecordTable, scanner: Scanner): TextBatch {
    const { window, to } = place;
    window.users++;
    const batch = new TextBatch(place, table, scanner, this.#batchInput, () => {
      this.#pool.leave(window);
      this.#pool.giveTable(table);
    });
    // The end is asked for now: the input knows its waypoint only until more is read.
    this.#at = batch.end as unknown as FilePosition;
    this.#cursor = to;
    this.#readAhead();
    return batch;
  }

  /** A record that is longer than it may be: passes over it and keeps its beginning. */
  async #skipRecord(scanner: Scanner, width: number): Promise<TextBatch | null> {
    const kept = Math.min(this.#settings.maxRecordBytes, RAW_LIMIT);
    const state: SkipState = { value: 0, lines: 0 };
    let from = this.#cursor;
    let length = 0;
    let ending = 0;
    let last = -1;
    for (;;) {
      const { bytes, filled } = this.#window;
      const end = scanner.skip(bytes, from, filled, state);
      const to = end < 0 ? filled : end;
      const beforeLast = to - from > 1 ? bytes[to - 2]! : last;
      last = to > from ? bytes[to - 1]! : last;
      length += this.#batchInput.rawLength(bytes, from, to);
      if (end >= 0 || this.#ended) {
        if (end < 0 && this.#settings.wholeLines) return null;
        if (endsLine(last)) ending = last === LF && beforeLast === CR ? 2 : 1;
        return this.#emitTooLong(scanner, width, { kept, from, to, length, ending, lines: state.lines });
      }
      // Nobody asks for an earlier place any more: what stdin keeps to hash it can go.
      this.#batchInput.waypoint(this.#at.offset + length);
      // What a sample passes over of stdin is kept: it ends here, as it would behind the record.
      if (!this.#ahead && length > SAMPLE_BYTES) return null;
      // Its beginning stays where it is, as far as a reject keeps it; what follows is read over the rest.
      from = filled;
      if (!this.#reading) {
        from = this.#cursor + kept;
        this.#window.filled = from;
      }
      const before = this.#cursor;
      if (!(await this.#fill(before))) return null;
      from += this.#cursor - before;
    }
  }

  #emitTooLong(scanner: Scanner, width: number, found: LongRecord): TextBatch {
    const { kept, from, to, length, ending, lines } = found;
    const table = this.#pool.takeTable(width);
    table.clear(1, 0);
    table.innerLines = lines;
    const start = this.#cursor;
    const own = length - ending * this.#batchInput.rawLength(LINE_FEED, 0, 1);
    const record = {
      before: 0,
      start,
      end: Math.min(start + kept, to),
      length: own,
      ...tooLong(own, this.#settings.maxRecordBytes),
    };
    return this.#emit(
      {
        window: this.#window,
        from: start,
        to,
        start: this.#at,
        bytes: length,
        ascii: false,
        unterminated: ending === 0,
        tooLong: record,
        contiguous: from,
      },
      table,
      scanner,
    );
  }

  /** Consumes bytes that belong to no record. */
  #advance(bytes: number, lines: number): void {
    const length = this.#batchInput.rawLength(this.#window.bytes, this.#cursor, this.#cursor + bytes);
    const offset = this.#at.offset + length;
    this.#cursor += bytes;
    this.#at = {
      ...this.#at,
      offset,
      line: this.#at.line + lines,
      unterminated: this.#at.unterminated && bytes === 0,
      waypoint: this.#batchInput.waypoint(offset),
      tail: bytes === 0 ? this.#at.tail : null,
    };
  }

  /** Reads on; makes room first if there is none. False if the run is to stop before anything came. */
  async #fill(scanned: number): Promise<boolean> {
    if (!this.#reading) {
      if (this.#window.bytes.length - this.#window.filled < READ_BYTES / 4) this.#moveOn(scanned);
      this.#read();
    }
    const read = await this.#untilStopped(this.#reading!);
    if (read === null) return false;
    this.#reading = null;
    this.#window.filled += read;
    if (read === 0) this.#ended = true;
    return true;
  }

  #readAhead(): void {
    if (!this.#ahead || this.#reading || this.#ended) return;
    if (this.#window.bytes.length - this.#window.filled >= READ_BYTES / 4) this.#read();
  }

  #read(): void {
    const { bytes, filled } = this.#window;
    this.#reading = this.#input.read(bytes, filled, Math.min(READ_BYTES, bytes.length - filled));
    // It may fail before anybody waits for it.
    this.#reading.catch(() => undefined);
  }

  /** Goes on in another window, taking along the batch that was begun. */
  #moveOn(scanned: number): void {
    const old = this.#window;
    const begun = old.filled - this.#cursor;
    const unfinished = old.filled - scanned;
    const window = this.#pool.take(begun + Math.max(unfinished, READ_BYTES));
    old.bytes.copy(window.bytes, 0, this.#cursor, old.filled);
    window.filled = begun;
    this.#pool.leave(old);
    this.#window = window;
    this.#cursor = 0;
  }

  async #untilStopped(reading: Promise<number>): Promise<number | null> {
    if (this.#signal.aborted) return null;
    let stopped: (() => void) | undefined;
    const stop = new Promise<null>(resolve => {
      stopped = () => resolve(null);
      this.#signal.addEventListener('abort', stopped, { once: true });
    });
    try {
      return await Promise.race([reading, stop]);
    } finally {
      this.#signal.removeEventListener('abort', stopped!);
    }
  }
}

function endsLine(byte: number | undefined): boolean {
  return byte === LF || byte === CR;
}
