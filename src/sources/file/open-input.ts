import type { Readable } from 'node:stream';
import type { JsonObject } from '../../core/json.js';
import type { Progressing } from '../../core/source.js';
import { formatOf } from '../../formats/file-format.js';
import { openFileInput } from '../../storage/file-input.js';
import { openGzipInput } from '../../storage/gzip-input.js';
import type { Input } from '../../storage/input.js';
import { openStdinInput } from '../../storage/stdin-input.js';
import { type Encoding, TranscodeInput } from '../../storage/transcode-input.js';
import type { FilePosition } from './position.js';
import type { BatchInput } from './text-batch.js';
import { hashOfTail } from './verify.js';

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
  if (at.path === '-') return decoded(await openStdinInput(settings.stdin, resume), at, settings, false);
  if (gzip) return decoded(await openGzipInput(at.path, resume), at, settings, true);
  return decoded(await openFileInput(at.path, at.offset), at, settings, false);
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
  const waypoint = input.waypoint.bind(input);
  return { input, batchInput: { rawLength, waypoint, tail: gzip ? tailSinceMember : noTail } };
}

function lengthInUtf8(_bytes: Buffer, from: number, to: number): number {
  return to - from;
}

function noTail(): null {
  return null;
}

/** What lies before the member is checked in the compressed file: the hash reaches back to the member's beginning at most. */
function tailSinceMember(
  bytes: Buffer,
  from: number,
  to: number,
  offset: number,
  waypoint: JsonObject | null,
): JsonObject {
  return hashOfTail(bytes, from, to, offset - Number(waypoint?.['offset'] ?? 0));
}
