import type { Records, TextRecords } from '../../core/records.js';

const LF = Buffer.from('\n');

/** The bytes that tell records from others: their text in the source, or the JSON of their values. */
export function contentOf(records: Records): Uint8Array {
  switch (records.form) {
    case 'text':
      return linesOf(records);
    case 'rows':
      return Buffer.from(JSON.stringify(records.rows, readable));
    case 'objects':
      return Buffer.from(JSON.stringify(records.objects, readable));
    default:
      return records satisfies never;
  }
}

function linesOf({ bytes, count, recordStarts, recordEnds }: TextRecords): Buffer {
  const lines: Buffer[] = [];
  for (let i = 0; i < count; i++) lines.push(bytes.subarray(recordStarts[i], recordEnds[i]), LF);
  return Buffer.concat(lines);
}

/** What JSON has no text for, or the same as for null. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}
