import type { Readable } from 'node:stream';
import { TrancheError } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import type { Progressing } from '../../core/source.js';
import { formatOf } from '../../formats/file-format.js';
import { openFileInput } from '../../storage/file-input.js';
import { openGzipInput, type ResumeInput } from '../../storage/gzip-input.js';
import { IDENTITY_WINDOW } from '../../storage/identity.js';
import type { Input } from '../../storage/input.js';
import { openStdinInput } from '../../storage/stdin-input.js';
import { type Encoding, TranscodeInput } from '../../storage/transcode-input.js';
import type { BatchInput } from './batch-place.js';
import type { FilePosition } from './position.js';
import { hashOfText } from './verify.js';

/** Bytes passed over at once. */
const LARGEST_PIECE = 64 * 1024;

/** How the bytes of a source are to be read. */
export interface InputSettings {
  readonly encoding: 'utf-8' | Encoding;
  /** The stream that `-` stands for. */
  readonly stdin: Readable;
}

/** An opened input, and what the batches read from it need of it. */
export interface OpenedInput {
  readonly input: Input;
  readonly batchInput: BatchInput;
}

/** Opens the input of a position, there. */
export async function openInput(
  at: FilePosition,
  settings: InputSettings,
  progressing: Progressing,
  signal: AbortSignal,
): Promise<OpenedInput> {
  const resume = { offset: at.offset, waypoint: at.waypoint, progressing, signal };
  const gzip = formatOf(at.path).gzip;
  if (at.path === '-') return decoded(await openStdin(at, settings, resume), at, settings, false);
  if (gzip) return decoded(await openGzipInput(at.path, resume), at, settings, true);
  return decoded(await openFileInput(at.path, at.offset), at, settings, false);
}

/** Reads stdin forward: its bytes are compared up to the waypoint, and passed over from there on. */
async function openStdin(
  { offset, waypoint }: FilePosition,
  { stdin }: InputSettings,
  resume: ResumeInput,
): Promise<Input> {
  const known = Number(waypoint?.['offset'] ?? 0);
  const input = await openStdinInput(stdin, { ...resume, offset: known });
  await passOver(input, known, offset);
  return input;
}

/** Brings stdin, of which a sample was taken, from its beginning to a position. */
export async function windForward(stdin: Input, { offset, waypoint }: FilePosition): Promise<void> {
  const known = Number(waypoint?.['offset'] ?? 0);
  await passOver(stdin, 0, known);
  if (waypoint && stdin.waypoint(known)?.['sha256'] !== waypoint['sha256'])
    throw changed(`the first ${known} bytes of stdin are not those that were read before`);
  await passOver(stdin, known, offset);
}

async function passOver(input: Input, from: number, to: number): Promise<void> {
  const piece = Buffer.allocUnsafe(Math.min(to - from, LARGEST_PIECE));
  for (let at = from; at < to; ) {
    const count = await input.read(piece, 0, Math.min(piece.length, to - at));
    if (count === 0) throw changed(`stdin ends at byte ${at}, before byte ${to} of the checkpoint`);
    at += count;
  }
}

function changed(message: string): TrancheError {
  return new TrancheError('source_changed', message, {
    operation: 'read',
    path: 'stdin',
    hint: 'feed the same bytes again, or begin again with --fresh',
  });
}

/** Puts the decoder of another encoding in front, and tells the batches how to count. */
export function decoded(
  raw: Input,
  at: FilePosition,
  { encoding }: InputSettings,
  gzip: boolean,
): OpenedInput {
  const input = encoding === 'utf-8' ? raw : new TranscodeInput(raw, encoding, at.offset, at.waypoint);
  const rawLength = input instanceof TranscodeInput ? input.rawLength.bind(input) : lengthInUtf8;
  const tail = gzip ? tailSinceMember : noTail;
  // A position inside a batch has the waypoint of the batch's beginning: for stdin it has to say what it is the hash of.
  const waypoint = (offset: number) =>
    at.path === '-' ? { ...input.waypoint(offset), offset } : input.waypoint(offset);
  return {
    input,
    batchInput: {
      rawLength,
      waypoint,
      tail: (bytes, from, to, offset, known) => tail(bytes, from, to, offset - memberOf(known), rawLength),
    },
  };
}

/** Uncompressed offset of the member that a waypoint names. */
function memberOf(waypoint: JsonObject | null): number {
  return Number(waypoint?.['offset'] ?? 0);
}

function lengthInUtf8(_bytes: Buffer, from: number, to: number): number {
  return to - from;
}

function noTail(): null {
  return null;
}

/**
 * What lies before the member is checked in the compressed file: the hash reaches back to the member's beginning at most, which is `most` bytes of the
 * input away. Null where that cannot be told in UTF-8.
 */
function tailSinceMember(
  bytes: Buffer,
  from: number,
  to: number,
  most: number,
  rawLength: BatchInput['rawLength'],
): JsonObject | null {
  let first = Math.max(from, to - Math.min(IDENTITY_WINDOW, most));
  while (first < to && (bytes[first]! & 0xc0) === 0x80) first++;
  const length = rawLength(bytes, first, to);
  return length > most ? null : hashOfText(bytes.subarray(first, to), length);
}
