import { CellKind, END_MASK, KIND_SHIFT, type TextRecords } from '#tranche/core/records.js';
import { cellValue } from '#tranche/formats/cells.js';
import { NdjsonScanner } from '#tranche/formats/ndjson/scanner.js';
import { RecordTable } from '#tranche/formats/table.js';

/** What a scan found, in an easily compared form. */
export interface Scanned {
  readonly records: TextRecords;
  readonly table: RecordTable;
  /** `reason: message` of each malformed record. */
  readonly faults: readonly string[];
  /** Text of each good record. */
  readonly texts: readonly string[];
  /** Offset behind the last complete record. */
  readonly behind: number;
}

/** How the bytes come. */
export interface ScanOptions {
  /** Offsets at which more bytes become known, ascending. Without any, all are known at once. */
  readonly cuts?: readonly number[];
  /** Whether the end of the bytes is the end of the input. */
  readonly last?: boolean;
  readonly limit?: number;
  readonly byteLimit?: number;
}

/** Scans bytes that become known piece by piece. Behind the known ones stand bytes that would end a string or a line. */
export function scanJson(
  input: string | Buffer,
  columns: readonly string[] = [],
  options: ScanOptions = {},
): Scanned {
  const bytes = Buffer.from(input);
  const table = new RecordTable(columns.length, 1);
  table.clear(options.limit ?? Number.MAX_SAFE_INTEGER, options.byteLimit ?? bytes.length);
  const scanner = new NdjsonScanner(columns);
  let at = 0;
  for (const cut of options.cuts ?? []) {
    const known = Buffer.from(bytes);
    known.fill('"}\n', cut);
    at = scanner.scan(known, at, cut, false, table);
  }
  at = scanner.scan(bytes, at, bytes.length, options.last ?? true, table);
  const records = textRecords(bytes, table);
  return {
    records,
    table,
    faults: table.malformed.map(({ reason, message }) => `${reason}: ${message}`),
    texts: Array.from({ length: table.count }, (_, i) =>
      bytes.toString('utf8', table.recordStarts[i], table.recordEnds[i]),
    ),
    behind: at,
  };
}

/** The values of every record, in the order of the columns; a missing one is null. */
export function valuesOf({ records }: Scanned): unknown[][] {
  return Array.from({ length: records.count }, (_, record) =>
    Array.from({ length: records.width }, (__, column) =>
      cellValue(records, record * records.width + column, 'text'),
    ),
  );
}

/** The names of the kinds of every cell. */
export function kindsOf({ records }: Scanned): string[] {
  const names = Object.keys(CellKind);
  return Array.from(
    { length: records.count * records.width },
    (_, cell) => names[records.ends[cell]! >>> KIND_SHIFT]!,
  );
}

/** The bytes of a cell, as its bounds say. */
export function rawCell({ records }: Scanned, cell: number): string {
  return records.bytes.toString('utf8', records.starts[cell], records.ends[cell]! & END_MASK);
}

function textRecords(bytes: Buffer, table: RecordTable): TextRecords {
  const { plain, count, width, starts, ends, recordStarts, recordEnds } = table;
  const ascii = bytes.every(byte => byte < 0x80);
  const bounds = { starts, ends, recordStarts, recordEnds };
  return {
    form: 'text',
    syntax: 'json',
    quote: 0x22,
    escape: 0x5c,
    bytes,
    ascii,
    plain,
    count,
    width,
    ...bounds,
  };
}
