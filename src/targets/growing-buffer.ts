import type { OutputBuffer } from '../formats/encoder.js';

/** Room of a new buffer: the output of a batch of usual size fits. Memory that is not written to costs nothing. */
const BUFFER_BYTES = 2 * 1024 * 1024;
/** Room for the largest batch that `--batch-bytes` allows unless told otherwise, with what encoding adds to it, as a rule. */
const LARGE_BYTES = 8.75 * 1024 * 1024;

/** A buffer that is used again for each batch. */
export class GrowingBuffer implements OutputBuffer {
  bytes: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  length = 0;

  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(
      needed <= LARGE_BYTES ? LARGE_BYTES : Math.max(needed, this.bytes.length * 2),
    );
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  /** What was written. */
  get content(): Buffer {
    return this.bytes.subarray(0, this.length);
  }
}
