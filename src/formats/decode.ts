import type { OutputColumn } from '../core/columns.js';
import type { RecordObject, Records } from '../core/records.js';
import { ObjectReader, recordObjectFromJson } from './objects.js';

/** Decodes record `index` of some. */
export type Decode = (records: Records, index: number) => RecordObject;

/**
 * Makes the objects that a transform gets, one record at a time: they are many times larger than their bytes, and die young if not all of a batch are
 * there at once. Records of JSON whose keys nobody chose keep all the keys that they have.
 */
export function decoderOf(columns: readonly OutputColumn[]): Decode {
  // One for the run: objects of one reader are alike to the engine, and code that meets only such objects is fast.
  const reader = new ObjectReader(columns);
  return (records, index) => {
    if (records.form === 'objects') return records.objects[index]!;
    if (records.form === 'rows') return reader.fromRow(records.rows[index]!);
    return records.width > 0 ? reader.fromText(records, index) : recordObjectFromJson(records, index);
  };
}

/** All records as objects. */
export function decodeAll(decode: Decode, records: Records): readonly RecordObject[] {
  if (records.form === 'objects') return records.objects;
  const objects: RecordObject[] = [];
  for (let i = 0; i < records.count; i++) objects.push(decode(records, i));
  return objects;
}
