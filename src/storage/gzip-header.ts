import { TrancheError } from '../core/errors.js';
import type { ByteWindow } from './byte-window.js';

const HAS_HEADER_CHECKSUM = 0x02;
const HAS_EXTRA_FIELD = 0x04;
const HAS_NAME = 0x08;
const HAS_COMMENT = 0x10;
const RESERVED = 0xe0;

/** Bytes behind the data of a gzip member: CRC-32 and length of what it holds. */
export const TRAILER_BYTES = 8;

/**
 * True if another gzip member begins where `window` is, false at the end of the file; zeros up to the end count as the end, as they do for
 * gzip(1). Rejects if something else is there.
 */
export async function atGzipMember(window: ByteWindow): Promise<boolean> {
  const { at } = window;
  if (!(await window.ensure(2))) {
    if (window.at === 0 || window.bytes[0] === 0x1f) throw truncated(window);
    if (window.bytes.length === 0) return false;
  }
  if (window.bytes[0] === 0x1f && window.bytes[1] === 0x8b) return true;
  if (at === 0) throw damaged(window, at, 'it does not begin with gzip data');
  while (await window.ensure(1)) {
    if (!window.bytes.every(byte => byte === 0))
      throw damaged(window, at, 'what follows there is not gzip data');
    window.skip(window.bytes.length);
  }
  return false;
}

/** Takes the header of the member that begins where `window` is (RFC 1952, 2.3). */
export async function skipGzipHeader(window: ByteWindow): Promise<void> {
  const { at } = window;
  await need(window, 10);
  const method = window.bytes[2]!;
  const flags = window.bytes[3]!;
  if (method !== 8 || flags & RESERVED) throw damaged(window, at, 'the header has an unknown method or flag');
  window.skip(10);
  if (flags & HAS_EXTRA_FIELD) await skipExtraField(window);
  if (flags & HAS_NAME) await skipText(window);
  if (flags & HAS_COMMENT) await skipText(window);
  if (flags & HAS_HEADER_CHECKSUM) {
    await need(window, 2);
    window.skip(2);
  }
}

/** The file ends inside a member. */
export function truncated(window: ByteWindow): TrancheError {
  const end = window.at + window.bytes.length;
  return new TrancheError(
    'source_unreadable',
    `${window.path} ends in the middle of its gzip data, at compressed byte ${end}: is it still being written?`,
    { operation: 'read', path: window.path, hint: 'run again with --resume when the file is complete' },
  );
}

/** The member at or around compressed byte `at` cannot be right. */
export function damaged(window: ByteWindow, at: number, what: string, cause?: unknown): TrancheError {
  return new TrancheError(
    'source_unreadable',
    `${window.path} is damaged at compressed byte ${at}: ${what}`,
    {
      operation: 'read',
      path: window.path,
      cause,
      hint: `gzip -t tells whether other programs can read it`,
    },
  );
}

/** Has `count` bytes in memory, or rejects. */
export async function need(window: ByteWindow, count: number): Promise<void> {
  if (!(await window.ensure(count))) throw truncated(window);
}

async function skipExtraField(window: ByteWindow): Promise<void> {
  await need(window, 2);
  const length = window.bytes.readUInt16LE(0);
  window.skip(2);
  await need(window, length);
  window.skip(length);
}

/** Takes bytes up to and with the next zero, however many. */
async function skipText(window: ByteWindow): Promise<void> {
  for (;;) {
    await need(window, 1);
    const end = window.bytes.indexOf(0);
    window.skip(end === -1 ? window.bytes.length : end + 1);
    if (end !== -1) return;
  }
}
