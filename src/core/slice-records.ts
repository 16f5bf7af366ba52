import type { Records, TextRecords } from './records.js';

/** A view of consecutive records; nothing is copied but the index. */
export function sliceRecords(records: Records, from: number, to: number): Records {
  if (from === 0 && to === records.count) return records;
  switch (records.form) {
    case 'text':
      return sliceText(records, from, to);
    case 'rows':
      return { form: 'rows', count: to - from, rows: records.rows.slice(from, to) };
    case 'objects':
      return { form: 'objects', count: to - from, objects: records.objects.slice(from, to) };
    default:
      return records satisfies never;
  }
}

function sliceText(records: TextRecords, from: number, to: number): TextRecords {
  const { width } = records;
  return {
    ...records,
    count: to - from,
    starts: records.starts.subarray(from * width, to * width),
    ends: records.ends.subarray(from * width, to * width),
    recordStarts: records.recordStarts.subarray(from, to),
    recordEnds: records.recordEnds.subarray(from, to),
  };
}
