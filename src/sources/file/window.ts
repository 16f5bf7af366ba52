import { RecordTable } from '../../formats/table.js';

/** Bytes of a new window: some batches of usual size fit. */
const WINDOW_BYTES = 4 * 1024 * 1024;
/** No window is larger: bounds of cells have 29 bits. */
const LARGEST_WINDOW = 2 ** 29 - 1;
/** Windows kept for use again, and tables: as many as batches are in flight, as a rule. */
const KEPT = 3;
const KEPT_TABLES = 64;

/** A piece of the input in memory. Batches point into it, so it is used again only when all of them were released. */
export interface Window {
  readonly bytes: Buffer;
  /** Bytes read so far. */
  filled: number;
  /** Batches that point into it, and one for the reader while it is the current one. */
  users: number;
}

/** Lends windows and tables, and takes them back: memory does not grow with the input. */
export class WindowPool {
  readonly #windows: Window[] = [];
  readonly #tables: RecordTable[] = [];

  /** A window of at least `least` bytes with one user. */
  take(least: number): Window {
    const index = this.#windows.findIndex(({ bytes }) => bytes.length >= least);
    const window = index < 0 ? newWindow(least) : this.#windows.splice(index, 1)[0]!;
    window.filled = 0;
    window.users = 1;
    return window;
  }

  /** One user less. */
  leave(window: Window): void {
    window.users--;
    if (window.users > 0) return;
    this.#windows.push(window);
    // The largest are kept: a small one is of no use where batches are large.
    this.#windows.sort((a, b) => b.bytes.length - a.bytes.length);
    this.#windows.length = Math.min(this.#windows.length, KEPT);
  }

  /** An empty table for records of `width` cells. */
  takeTable(width: number): RecordTable {
    const table = this.#tables.pop();
    return table?.width === width ? table : new RecordTable(width);
  }

  giveTable(table: RecordTable): void {
    if (this.#tables.length < KEPT_TABLES) this.#tables.push(table);
  }
}

function newWindow(least: number): Window {
  const size = least > WINDOW_BYTES ? Math.min(2 * least, LARGEST_WINDOW) : WINDOW_BYTES;
  return { bytes: Buffer.allocUnsafeSlow(size), filled: 0, users: 1 };
}
