import { isUtf8 } from 'node:buffer';
import type { Reject } from '../core/reject.js';

/**
 * A reject as a line of the rejects file, its line ending included. `raw` is the record as the input has it:
 * text where it is UTF-8, otherwise base64, which `encoding` says. Where only its beginning was kept,
 * `truncated` is true and `length` the whole length in bytes.
 */
export function rejectLine(reject: Reject, time: string): string {
  const truncated = reject.length > reject.raw.length;
  const raw = truncated ? wholeCharacters(reject.raw) : reject.raw;
  const text = isUtf8(raw);
  const line = {
    file: reject.at.file,
    line: reject.at.line,
    offset: reject.at.offset,
    record: reject.at.record,
    reason: reject.reason,
    message: reject.message,
    raw: text ? raw.toString('utf8') : reject.raw.toString('base64'),
    ...(text ? {} : { encoding: 'base64' }),
    ...(truncated ? { truncated, length: reject.length } : {}),
    attempts: reject.attempts,
    time,
  };
  return `${JSON.stringify(line)}\n`;
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
