import { crc32, type InflateRaw, inflateRaw } from 'node:zlib';
import type { ByteWindow } from './byte-window.js';
import { bgzfBlockLength, TRAILER_BYTES } from './gzip-header.js';

const HEADER_BYTES = 18;
const LARGEST_BLOCK = 65_536;
/** Blocks decompressed at the same time. */
const PARALLEL = 4;

/** A whole gzip member, decompressed and checked. */
export interface Block {
  readonly data: Buffer;
  /** Length of the member in the file. */
  readonly length: number;
}

/**
 * Decompresses up to four BGZF blocks in parallel, from where `window` is. Stops before the first member that is not one, is not
 * all there or does not prove right, so that the general way of reading finds out what is wrong. Takes nothing from the window.
 */
export async function readBlocks(window: ByteWindow): Promise<Block[]> {
  await window.ensure(LARGEST_BLOCK);
  const { bytes } = window;
  const running: Promise<Block | null>[] = [];
  for (let at = 0; running.length < PARALLEL; ) {
    const length = bgzfBlockLength(bytes.subarray(at));
    if (length < HEADER_BYTES + TRAILER_BYTES || at + length > bytes.length) break;
    running.push(decompress(bytes.subarray(at, at + length)));
    at += length;
  }
  const blocks = await Promise.all(running);
  const wrong = blocks.indexOf(null);
  return (wrong === -1 ? blocks : blocks.slice(0, wrong)) as Block[];
}

function decompress(member: Buffer): Promise<Block | null> {
  const trailer = member.length - TRAILER_BYTES;
  const size = member.readUInt32LE(trailer + 4);
  if (size > LARGEST_BLOCK) return Promise.resolve(null);
  const options = { chunkSize: Math.max(size, 64), maxOutputLength: LARGEST_BLOCK, info: true };
  return new Promise(resolve => {
    inflateRaw(member.subarray(HEADER_BYTES, trailer), options, (error, result) => {
      if (error) return resolve(null);
      // With `info` the result is an object, which the declared types do not know.
      const { buffer: data, engine } = result as unknown as { buffer: Buffer; engine: InflateRaw };
      const right =
        engine.bytesWritten === trailer - HEADER_BYTES &&
        data.length === size &&
        crc32(data) === member.readUInt32LE(trailer);
      resolve(right ? { data, length: member.length } : null);
    });
  });
}
