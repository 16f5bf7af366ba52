import type { Scanner } from '../../formats/scanner.js';
import type { RecordTable } from '../../formats/table.js';

/**
 * Puts the record `bytes[start, end)`, behind which a line feed stands, into a table: exactly one record, good or malformed, whatever the text is.
 */
export function scanAlone(
  bytes: Buffer,
  start: number,
  end: number,
  scanner: Scanner,
  table: RecordTable,
): void {
  const good = table.count;
  const bad = table.malformed.length;
  // Lines of JSON end with their line feed; in CSV it could be taken for a part of a record with an open quote.
  const isJson = scanner.syntax === 'json';
  scanner.scan(bytes, start, isJson ? end + 1 : end, !isJson, table);
  const found = table.count - good + table.malformed.length - bad;
  if (found === 1) return;
  table.count = good;
  table.malformed.length = bad;
  const message = found === 0 ? 'there is no record in it' : `${found} records where there was one`;
  table.malformed.push({ before: good, start, end, reason: isJson ? 'invalid_json' : 'ragged', message });
}
