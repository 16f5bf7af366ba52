import type { Connection, Submittable } from 'pg';

const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const ERROR = 0x45;
const HEADER_BYTES = 5;
/** Rows up to this length are copied here: a call of the runtime costs more. */
const SHORT = 128;
/** Chunks of the socket that wait for the reader before the server has to. */
const MOST_CHUNKS = 16;

type OnData = (bytes: Buffer) => void;

/**
 * `COPY … TO STDOUT` as a query of the driver. The bytes go from the socket into the reader's memory without a stop between; the server waits while nobody
 * reads.
 */
export class CopyOut implements Submittable {
  readonly #statement: string;
  readonly #chunks: Buffer[] = [];
  #at = 0;
  /** Bytes of the message in hand that are still to come, and whether they are rows. */
  #left = 0;
  #isData = false;
  #connection: Connection | null = null;
  #driver: OnData | null = null;
  #done = false;
  #isPaused = false;
  #failure: unknown = null;
  #wake: (() => void) | null = null;

  constructor(statement: string) {
    this.#statement = statement;
  }

  /** True once the server has said that all is sent, or that it failed. */
  get isOver(): boolean {
    return this.#done;
  }

  /** Reads up to `length` bytes into `into` at `at`; answers how many, 0 at the end. Rejects with what driver or server said. */
  async read(into: Buffer, at: number, length: number): Promise<number> {
    for (;;) {
      const taken = this.#take(into, at, at + length) - at;
      if (this.#chunks.length < MOST_CHUNKS) this.#goOn();
      if (taken > 0) return taken;
      if (this.#failure) throw this.#failure;
      if (this.#done) return 0;
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    const { stream } = connection;
    this.#driver = stream.listeners('data')[0] as OnData;
    stream.removeListener('data', this.#driver);
    stream.on('data', this.#onData);
    connection.query(this.#statement);
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#finish();
  }

  handleError(error: unknown): void {
    this.#failure ??= error;
    this.#finish();
  }

  readonly #onData = (bytes: Buffer): void => {
    this.#chunks.push(bytes);
    if (this.#chunks.length >= MOST_CHUNKS) {
      this.#connection!.stream.pause();
      this.#isPaused = true;
    }
    this.#awake();
  };

  #goOn(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#connection!.stream.resume();
  }

  #finish(): void {
    this.#done = true;
    this.#awake();
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Takes rows out of what has come, into `into[at, end)`; answers where they end. */
  #take(into: Buffer, at: number, end: number): number {
    const output = viewOf(into);
    let to = at;
    while (to < end && this.#chunks.length > 0 && this.#driver) {
      const chunk = this.#chunks[0]!;
      const view = viewOf(chunk);
      let from = this.#at;
      while (to < end) {
        if (this.#left > 0) {
          const count = Math.min(this.#left, chunk.length - from, this.#isData ? end - to : this.#left);
          if (count === 0) break;
          if (this.#isData) {
            if (count > SHORT) chunk.copy(into, to, from, from + count);
            else copyShort(view, from, output, to, count);
            to += count;
          }
          from += count;
          this.#left -= count;
          continue;
        }
        if (chunk.length - from < HEADER_BYTES) break;
        const type = chunk[from]!;
        if (type === COPY_DONE || type === ERROR) {
          this.#at = from;
          this.#giveBack();
          return to;
        }
        this.#isData = type === COPY_DATA;
        this.#left =
          ((chunk[from + 1]! << 24) | (chunk[from + 2]! << 16) | (chunk[from + 3]! << 8) | chunk[from + 4]!) -
          4;
        from += HEADER_BYTES;
      }
      this.#at = from;
      if (!this.#nextChunk()) break;
    }
    return to;
  }

  /** Goes on in the next chunk; false if what is left of this one has to wait for it. */
  #nextChunk(): boolean {
    const [chunk, next] = this.#chunks as [Buffer, Buffer?];
    const rest = chunk.length - this.#at;
    if (rest > 0 && (this.#left > 0 || rest >= HEADER_BYTES)) return true;
    if (rest === 0) this.#chunks.shift();
    else if (next) this.#chunks.splice(0, 2, Buffer.concat([chunk.subarray(this.#at), next]));
    else return false;
    this.#at = 0;
    return this.#chunks.length > 0;
  }

  /** The rows are over: the driver reads on from here. */
  #giveBack(): void {
    const { stream } = this.#connection!;
    const driver = this.#driver!;
    const rest = Buffer.concat(this.#chunks).subarray(this.#at);
    this.#chunks.length = 0;
    this.#driver = null;
    stream.removeListener('data', this.#onData);
    stream.on('data', driver);
    driver.call(stream, rest);
    stream.resume();
  }
}

/** Four bytes a step: most rows are short, and all of them come this way. */
function copyShort(from: DataView, start: number, into: DataView, at: number, count: number): void {
  const whole = count & ~3;
  for (let i = 0; i < whole; i += 4) into.setInt32(at + i, from.getInt32(start + i, true), true);
  for (let i = whole; i < count; i++) into.setUint8(at + i, from.getUint8(start + i));
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
