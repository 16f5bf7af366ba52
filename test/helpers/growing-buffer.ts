import type { OutputBuffer } from '#tranche/formats/encoder.js';

/** An output that begins tiny and gives no byte more than it is asked for: a writer that asks for too little fails. */
export class GrowingBuffer implements OutputBuffer {
  bytes = Buffer.alloc(1);
  length = 0;

  reserve(more: number): void {
    if (this.bytes.length - this.length >= more) return;
    const larger = Buffer.alloc(this.length + more, '#');
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }

  text(): string {
    return this.bytes.toString('utf8', 0, this.length);
  }
}
