import { isUtf8 } from 'node:buffer';
import type { ReasonCode } from '../../core/batch.js';
import type { MalformedRecord } from '../../formats/malformed-record.js';
import type { RecordTable } from '../../formats/table.js';

/**
 * Takes records out of a table that a scanner cannot judge: those that are no valid UTF-8, and those longer than `maxBytes`, whatever else is wrong with
 * them. One look at all the bytes is enough where everything is right. `ascii`: they are known to be.
 */
export function weed(
  table: RecordTable,
  bytes: Buffer,
  from: number,
  to: number,
  ascii: boolean,
  maxBytes: number,
): void {
  const valid = ascii || isUtf8(bytes.subarray(from, to));
  if (valid && to - from <= maxBytes) return;
  table.malformed = table.malformed.map(one => {
    const length = one.end - one.start;
    return length > maxBytes ? { ...one, ...tooLong(length, maxBytes) } : one;
  });
  const dropped: MalformedRecord[] = [];
  let kept = 0;
  for (let r = 0; r < table.count; r++) {
    const start = table.recordStarts[r]!;
    const end = table.recordEnds[r]!;
    const fault = faultOf(bytes, start, end, valid, maxBytes);
    if (fault) dropped.push({ before: kept, start, end, ...fault });
    else table.move(r, kept++);
  }
  if (dropped.length === 0) return;
  table.count = kept;
  table.malformed = merge(table.malformed, dropped);
}

function faultOf(
  bytes: Buffer,
  start: number,
  end: number,
  valid: boolean,
  maxBytes: number,
): { reason: ReasonCode; message: string } | null {
  if (end - start > maxBytes) return tooLong(end - start, maxBytes);
  if (valid || isUtf8(bytes.subarray(start, end))) return null;
  return { reason: 'invalid_encoding', message: 'not valid in the encoding of the file; see --encoding' };
}

/** The fault of a record that is longer than it may be. */
export function tooLong(length: number, maxBytes: number): { reason: 'too_long'; message: string } {
  return { reason: 'too_long', message: `${length} bytes long, --max-record-bytes allows ${maxBytes}` };
}

/** Both lists in the order of the input, each counting the good records that are left before it. */
function merge(scanned: readonly MalformedRecord[], dropped: readonly MalformedRecord[]): MalformedRecord[] {
  const all = [...scanned, ...dropped].sort((a, b) => a.start - b.start);
  let gone = 0;
  const isDropped = new Set(dropped);
  return all.map(one => {
    if (isDropped.has(one)) {
      gone++;
      return one;
    }
    return { ...one, before: one.before - gone };
  });
}
