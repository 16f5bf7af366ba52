import type { Input } from '../../storage/input.js';
import type { Window, WindowPool } from './window.js';

/** Bytes asked for in one read. */
export const READ_BYTES = 1024 * 1024;
/** Bytes of room in a window for which a read is still worth while. */
const LEAST_ROOM = READ_BYTES / 4;

/** Reads an input into windows: while a batch is looked at, the bytes behind it are on their way. */
export class ReadAhead {
  /** Offset in the window of the first byte that nobody took yet. */
  cursor = 0;
  readonly #input: Input;
  readonly #pool: WindowPool;
  readonly #signal: AbortSignal;
  readonly #eager: boolean;
  #window: Window;
  #ended = false;
  #closed = false;
  #reading: Promise<number> | null = null;
  /** Ends the wait for a read. */
  #giveUp: () => void = () => {};

  /** `eager`: reads before somebody waits for it. Not for a sample, which reads no more than it looks at. */
  constructor(input: Input, pool: WindowPool, signal: AbortSignal, eager: boolean) {
    this.#input = input;
    this.#pool = pool;
    this.#signal = signal;
    this.#eager = eager;
    this.#window = pool.take(0);
    signal.addEventListener('abort', this.#onStop, { once: true });
  }

  /** True if only a sample is read. */
  get sampling(): boolean {
    return !this.#eager;
  }

  /** The current window. Another one, or filled further, after {@link fill}. */
  get window(): Window {
    return this.#window;
  }

  /** True if nothing comes behind what is in the window. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Begins to read what comes next, where the window has room for it. */
  begin(): void {
    if (this.#eager && !this.#reading && !this.#ended && this.#hasRoom()) this.#read();
  }

  /**
   * Waits for more bytes. Where the window has no room, what was not taken goes on in another, which has room for as much again as lies behind
   * `scanned`. False if the run is to stop before anything came.
   */
  async fill(scanned: number): Promise<boolean> {
    if (!this.#reading && !this.#hasRoom()) this.#moveOn(scanned);
    const read = await this.#unlessStopped(this.#reading ?? this.#read());
    if (read === null) return false;
    this.#reading = null;
    this.#window.filled += read;
    if (read === 0) this.#ended = true;
    return true;
  }

  /** Gives up the bytes behind `offset`, unless more are being read behind them. Answers where the next will stand. */
  giveUp(offset: number): number {
    if (!this.#reading) this.#window.filled = offset;
    return this.#window.filled;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#signal.removeEventListener('abort', this.#onStop);
    await this.#input.close();
    // After a stop nobody waits for a terminal to be typed at: the window is given up to the read that is under way.
    if (this.#reading && this.#signal.aborted) return;
    await this.#reading?.catch(() => undefined);
    this.#pool.leave(this.#window);
  }

  #hasRoom(): boolean {
    return this.#window.bytes.length - this.#window.filled >= LEAST_ROOM;
  }

  #read(): Promise<number> {
    const { bytes, filled } = this.#window;
    const reading = this.#input.read(bytes, filled, Math.min(READ_BYTES, bytes.length - filled));
    // It may fail before anybody waits for it.
    reading.catch(() => undefined);
    this.#reading = reading;
    return reading;
  }

  /** What a read answers; null if the run is to stop before that. One listener for all reads: to add and remove one is garbage that lives long. */
  #unlessStopped(reading: Promise<number>): Promise<number | null> {
    if (this.#signal.aborted) return Promise.resolve(null);
    return new Promise((resolve, reject) => {
      this.#giveUp = () => resolve(null);
      reading.then(resolve, reject);
    });
  }

  readonly #onStop = (): void => this.#giveUp();

  #moveOn(scanned: number): void {
    const old = this.#window;
    const begun = old.filled - this.cursor;
    const unfinished = old.filled - scanned;
    const window = this.#pool.take(begun + Math.max(unfinished, READ_BYTES));
    old.bytes.copy(window.bytes, 0, this.cursor, old.filled);
    window.filled = begun;
    this.#pool.leave(old);
    this.#window = window;
    this.cursor = 0;
  }
}
