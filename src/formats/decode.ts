import type { OutputColumn } from '../core/columns.js';
import type { RecordObject, Records } from '../core/records.js';
import { ObjectReader, recordObjectFromJson } from './objects.js';

/** Makes the objects that a transform gets. Records of JSON whose keys nobody chose keep all the keys that they have. */
export function decoderOf(columns: readonly OutputColumn[]): (records: Records) => readonly RecordObject[] {
  // One for the run: objects of one reader are alike to the engine, and code that meets only such objects is fast.
  const reader = new ObjectReader(columns);
  return records => {
    if (records.form === 'objects') return records.objects;
    if (records.form === 'rows') return records.rows.map(row => objectOf(row, columns));
    if (records.width > 0) return reader.readAll(records);
    return Array.from({ length: records.count }, (_, index) => recordObjectFromJson(records, index));
  };
}

function objectOf(row: readonly unknown[], columns: readonly OutputColumn[]): RecordObject {
  return Object.fromEntries(columns.map(({ name, from }) => [name, plainInteger(row[from])]));
}

/** Integers are numbers as long as these can tell them: a driver may have every one as `bigint`. */
function plainInteger(value: unknown): unknown {
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
