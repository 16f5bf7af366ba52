import type { JsonObject } from '../../core/json.js';
import type { Input } from '../../storage/input.js';

/** An input that can be read twice from its beginning: what a look at a sample consumed is handed out again afterwards. */
export class ReplayInput implements Input {
  readonly #inner: Input;
  #kept: Buffer[] = [];
  #recording = true;

  constructor(inner: Input) {
    this.#inner = inner;
  }

  /** From here on the input is read from its beginning again, and for the last time. */
  rewind(): void {
    this.#recording = false;
  }

  async read(buffer: Buffer, at: number, length: number): Promise<number> {
    if (this.#recording) {
      const count = await this.#inner.read(buffer, at, length);
      if (count > 0) this.#kept.push(Buffer.from(buffer.subarray(at, at + count)));
      return count;
    }
    const first = this.#kept.shift();
    if (!first) return await this.#inner.read(buffer, at, length);
    const count = first.copy(buffer, at, 0, length);
    if (count < first.length) this.#kept.unshift(first.subarray(count));
    return count;
  }

  waypoint(offset: number): JsonObject | null {
    return this.#recording ? null : this.#inner.waypoint(offset);
  }

  /** While recording, only the reader of the sample lets go: the input stays open. */
  async close(): Promise<void> {
    if (!this.#recording) await this.#inner.close();
  }
}
