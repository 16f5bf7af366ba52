import type { Records, TextRecords } from './records.js';

/** The records without those that were refused: a view where none was, else a copy of the index. `refused` is in ascending order. */
export function withoutRefused(
  records: Records,
  refused: readonly { readonly index: number }[],
): { readonly records: Records; readonly indices: Uint32Array | null } {
  if (refused.length === 0) return { records, indices: null };
  const indices = new Uint32Array(records.count - refused.length);
  let next = 0;
  for (let index = 0, kept = 0; index < records.count; index++) {
    if (refused[next]?.index === index) next++;
    else indices[kept++] = index;
  }
  return { records: pickRecords(records, indices), indices };
}

/** The records at `indices`: a copy of the index, the bytes or values are shared. */
export function pickRecords(records: Records, indices: Uint32Array): Records {
  switch (records.form) {
    case 'text':
      return pickText(records, indices);
    case 'rows':
      return { form: 'rows', count: indices.length, rows: Array.from(indices, i => records.rows[i]!) };
    case 'objects':
      return {
        form: 'objects',
        count: indices.length,
        objects: Array.from(indices, i => records.objects[i]!),
      };
    default:
      return records satisfies never;
  }
}

function pickText(records: TextRecords, indices: Uint32Array): TextRecords {
  const { width } = records;
  const starts = new Uint32Array(indices.length * width);
  const ends = new Uint32Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * width;
    starts.set(records.starts.subarray(from, from + width), i * width);
    ends.set(records.ends.subarray(from, from + width), i * width);
  }
  return {
    ...records,
    count: indices.length,
    starts,
    ends,
    recordStarts: Uint32Array.from(indices, index => records.recordStarts[index]!),
    recordEnds: Uint32Array.from(indices, index => records.recordEnds[index]!),
  };
}
