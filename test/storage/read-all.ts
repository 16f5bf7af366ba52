import type { Input } from '#tranche/storage/input.js';

/** Reads an input to its end, in reads of `size` bytes, and closes it. */
export async function readAll(input: Input, size = 65_536): Promise<Buffer> {
  try {
    return await readOn(input, size);
  } finally {
    await input.close();
  }
}

async function readOn(input: Input, size: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const buffer = Buffer.alloc(size + 2, 0x7e);
  for (;;) {
    const count = await input.read(buffer, 1, size);
    if (count === 0) break;
    if (buffer[0] !== 0x7e || buffer[size + 1] !== 0x7e)
      throw new Error('a read wrote outside of its bounds');
    pieces.push(Buffer.from(buffer.subarray(1, 1 + count)));
  }
  return Buffer.concat(pieces);
}
