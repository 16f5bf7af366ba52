import { isUtf8 } from 'node:buffer';
import type { ReasonCode } from '../core/batch.js';
import { TrancheError } from '../core/errors.js';
import { type Failure, isTruncated, type KeptReject, type Reject } from '../core/reject.js';

/** A reject as the rejects file has it. */
export interface RejectObject {
  readonly file: string;
  readonly line: number;
  readonly offset: number;
  readonly record: number;
  readonly reason: string;
  readonly message: string;
  readonly raw: string;
  readonly encoding?: 'base64';
  readonly truncated?: true;
  readonly length?: number;
  readonly attempts: number;
  readonly time: string;
  readonly reject?: number;
  readonly earlier?: readonly Failure[];
}

/**
 * A reject as a line of the rejects file, its line ending included. `raw` is the record as the input has it:
 * text where it is UTF-8, otherwise base64, which `encoding` says. Where only its beginning was kept,
 * `truncated` is true and `length` the whole length in bytes. Of a reject that was sent again, `reject` is its number and `earlier` its history.
 */
export function rejectLine(reject: Reject, time: string): string {
  return `${JSON.stringify(rejectObject(reject, time))}\n`;
}

/** What {@link rejectLine} writes. */
export function rejectObject(reject: Reject, time: string): RejectObject {
  return {
    file: reject.at.file,
    line: reject.at.line,
    offset: reject.at.offset,
    record: reject.at.record,
    reason: reject.reason,
    message: reject.message,
    ...rawOf(reject),
    attempts: reject.attempts,
    time,
    ...(reject.number === undefined ? {} : { reject: reject.number }),
    ...(reject.earlier === undefined || reject.earlier.length === 0 ? {} : { earlier: reject.earlier }),
  };
}

/** Reads what {@link rejectLine} wrote. `number`: that of a reject of which the line does not tell it. Throws `io` for what is no such line; `where` names it. */
export function parseReject(text: string, number: number, where: string): KeptReject {
  let line: RejectObject;
  try {
    line = JSON.parse(text) as RejectObject;
  } catch (cause) {
    throw new TrancheError('io', `${where} is no reject: it was damaged, or changed by hand`, {
      operation: 'read',
      path: where,
      cause,
    });
  }
  const raw = Buffer.from(line.raw, line.encoding ?? 'utf8');
  return {
    at: { file: line.file, line: line.line, offset: line.offset, record: line.record },
    reason: line.reason as ReasonCode,
    message: line.message,
    raw,
    length: line.length ?? raw.length,
    attempts: line.attempts,
    time: line.time,
    number: line.reject ?? number,
    earlier: line.earlier ?? [],
  };
}

/** The raw record as far as it was kept, in the form of a line. */
export function rawOf(
  reject: Reject,
): Pick<RejectObject, 'raw'> & Partial<Pick<RejectObject, 'encoding' | 'truncated' | 'length'>> {
  const truncated = isTruncated(reject);
  const raw = truncated ? wholeCharacters(reject.raw) : reject.raw;
  const text = isUtf8(raw);
  return {
    raw: text ? raw.toString('utf8') : reject.raw.toString('base64'),
    ...(text ? {} : { encoding: 'base64' }),
    ...(truncated ? { truncated, length: reject.length } : {}),
  };
}

/** Without the character that the cut went through, if it did. */
function wholeCharacters(raw: Buffer): Buffer {
  let start = raw.length - 1;
  while (start > raw.length - 4 && start > 0 && isContinuation(raw[start]!)) start--;
  const rest = raw.subarray(start);
  return start >= 0 && !isUtf8(rest) ? raw.subarray(0, start) : raw;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
