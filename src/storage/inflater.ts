import { createInflateRaw, type InflateRaw } from 'node:zlib';

/** Decompressed bytes handed out at once. Larger pieces let the thread that inflates run longer without being asked. */
const PIECE_BYTES = 256 * 1024;

/**
 * Inflates one deflate stream, at the pace of whoever asks: at most one piece is decompressed ahead, however well the data
 * is compressed.
 */
export class Inflater {
  readonly #stream: InflateRaw = createInflateRaw({ chunkSize: PIECE_BYTES });
  #fed = 0;
  #hungry = true;
  #ended = false;
  #closed = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor() {
    this.#stream.on('readable', () => this.#wake?.());
    this.#stream.on('end', () => {
      this.#ended = true;
      this.#wake?.();
    });
    this.#stream.on('error', error => {
      this.#failure = error;
      this.#wake?.();
    });
    this.#stream.on('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /** Compressed bytes used so far; exact once the stream has ended. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  /** Gives it compressed bytes, when it is `hungry`. They must not change until it is hungry again or has ended. */
  feed(bytes: Buffer): void {
    this.#fed += bytes.length;
    this.#hungry = false;
    this.#stream.write(bytes, error => {
      if (error) return;
      // What it leaves of its input lies behind the end of the stream.
      this.#ended = this.consumed < this.#fed;
      this.#hungry = !this.#ended;
      this.#wake?.();
    });
  }

  /** The next decompressed piece; `hungry` if it needs more bytes for it; `ended` behind the last. Rejects with zlib's error. */
  async next(): Promise<Buffer | 'hungry' | 'ended'> {
    for (;;) {
      const piece: Buffer | null = this.#stream.read();
      if (piece !== null) return piece;
      if (this.#failure) throw this.#failure;
      if (this.#ended) return 'ended';
      if (this.#closed) throw new Error('closed while it was being read');
      if (this.#hungry) return 'hungry';
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    }
  }

  close(): void {
    this.#stream.destroy();
  }
}
