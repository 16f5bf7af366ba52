import type { ColumnType } from '../../core/columns.js';
import { END_MASK, KIND_SHIFT } from '../../core/records.js';
import { RecordTable } from '../table.js';
import { TypeInference } from '../types.js';
import { NdjsonScanner } from './scanner.js';
import { CLOSE_OBJECT, COMMA, JsonSyntax } from './syntax.js';

/** What a sample of NDJSON tells. */
export interface Discovered {
  /** Every key of the sample, in the order in which they come up. */
  readonly names: readonly string[];
  /** The narrowest type that all values of a key fit. */
  readonly types: readonly ColumnType[];
  /** Records looked at, malformed ones included. */
  readonly records: number;
}

/** Finds keys and types in the records of `bytes[from, end)`, `limit` at most. `last`: nothing follows `end`. */
export function discoverColumns(
  bytes: Buffer,
  from: number,
  end: number,
  last: boolean,
  limit: number,
): Discovered {
  const records = scanned([], bytes, from, end, last, limit);
  const names = keysOf(records, bytes);
  const cells = scanned(names, bytes, from, end, last, limit);
  return { names, types: typesOf(cells, bytes), records: records.count + records.malformed.length };
}

function scanned(
  names: readonly string[],
  bytes: Buffer,
  from: number,
  end: number,
  last: boolean,
  limit: number,
): RecordTable {
  const table = new RecordTable(names.length);
  table.clear(limit, end);
  new NdjsonScanner(names).scan(bytes, from, end, last, table);
  return table;
}

function keysOf(records: RecordTable, bytes: Buffer): string[] {
  const json = new JsonSyntax();
  const raw = new Set<string>();
  for (let record = 0; record < records.count; record++) {
    // The methods of JsonSyntax rely on a line feed, which a last line may lack.
    const line = bytes.toString('utf8', records.recordStarts[record], records.recordEnds[record]);
    addKeys(json, Buffer.from(`${line}\n`), raw);
  }
  return [...new Set(Array.from(raw, key => JSON.parse(key) as string))];
}

/** Adds the keys of a valid object, as they are written. */
function addKeys(json: JsonSyntax, line: Buffer, keys: Set<string>): void {
  let i = json.space(line, json.space(line, 0) + 1);
  while (line[i] !== CLOSE_OBJECT) {
    const closing = json.string(line, i + 1);
    keys.add(line.toString('utf8', i, closing + 1));
    i = json.space(line, json.value(line, json.key(line, i)));
    if (line[i] === COMMA) i = json.space(line, i + 1);
  }
}

function typesOf(table: RecordTable, bytes: Buffer): ColumnType[] {
  const inference = new TypeInference(table.width);
  for (let record = 0; record < table.count; record++) {
    for (let column = 0; column < table.width; column++) {
      const cell = record * table.width + column;
      const bounds = table.ends[cell]!;
      inference.addJson(column, bounds >>> KIND_SHIFT, bytes, table.starts[cell]!, bounds & END_MASK);
    }
  }
  return inference.types();
}
