import type { Connection, Submittable } from 'pg';

/** Bytes of one message: small enough that the server works on one while the next is on its way. */
const MESSAGE_BYTES = 64 * 1024;
const COPY_DATA = 0x64;
const COPY_DONE = 0x63;
const HEADER_BYTES = 5;

/**
 * `COPY … FROM STDIN` as a query of the driver. The bytes stay in use until {@link finish} has answered, or failed. Once the server has refused something no more is sent:
 * it reads what is on its way and throws it away.
 */
export class CopyIn implements Submittable {
  readonly #statement: string;
  readonly #finished: Promise<number>;
  readonly #resolve: (rows: number) => void;
  readonly #reject: (error: unknown) => void;
  readonly #waiting: Buffer[] = [];
  #connection: Connection | null = null;
  #pumping = false;
  #ended = false;
  #over = false;
  #rows = 0;

  constructor(statement: string) {
    this.#statement = statement;
    let settle: { resolve: (rows: number) => void; reject: (error: unknown) => void } | undefined;
    this.#finished = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#resolve = settle!.resolve;
    this.#reject = settle!.reject;
    // It may fail before anybody waits for it.
    this.#finished.catch(() => undefined);
  }

  /** Hands bytes in. They need not end with a record. */
  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += MESSAGE_BYTES) {
      this.#waiting.push(bytes.subarray(at, at + MESSAGE_BYTES));
    }
    this.#pump();
  }

  /** No more bytes come. Answers how many rows the server took; rejects with what driver or server said. */
  finish(): Promise<number> {
    this.#ended = true;
    this.#pump();
    return this.#finished;
  }

  /** The bytes follow at once: a server that does not begin to copy passes over them. */
  submit(connection: Connection): void {
    this.#connection = connection;
    connection.query(this.#statement);
    this.#pump();
  }

  handleCopyInResponse(): void {}

  /** What other statements answer is nobody's concern. */
  handleRowDescription(): void {}

  handleDataRow(): void {}

  handleCommandComplete({ text }: { readonly text: string }): void {
    const [, rows] = /^COPY (\d+)/.exec(text) ?? [];
    if (rows !== undefined) this.#rows = Number(rows);
  }

  handleReadyForQuery(): void {
    this.#over = true;
    this.#resolve(this.#rows);
  }

  handleError(error: unknown): void {
    this.#over = true;
    this.#waiting.length = 0;
    this.#reject(error);
  }

  /** Sends as long as the socket takes it; goes on when it has drained. */
  #pump(): void {
    if (!this.#connection || this.#pumping || this.#over) return;
    const { stream } = this.#connection;
    for (let chunk = this.#waiting.shift(); chunk; chunk = this.#waiting.shift()) {
      stream.cork();
      stream.write(header(COPY_DATA, chunk.length));
      const more = stream.write(chunk);
      stream.uncork();
      if (more) continue;
      this.#pumping = true;
      stream.once('drain', () => {
        this.#pumping = false;
        this.#pump();
      });
      return;
    }
    if (!this.#ended) return;
    this.#over = true;
    stream.write(header(COPY_DONE, 0));
  }
}

function header(type: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES);
  bytes[0] = type;
  bytes.writeUInt32BE(length + 4, 1);
  return bytes;
}
