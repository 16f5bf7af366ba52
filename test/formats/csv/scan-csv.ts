import assert from 'node:assert/strict';
import type { TextRecords } from '#tranche/core/records.js';
import { cellText } from '#tranche/formats/cells.js';
import { type CsvDialect, defaultDialect } from '#tranche/formats/csv/dialect.js';
import { ScanKernel, scanKernel } from '#tranche/formats/csv/scan-kernel.js';
import { CsvScanner } from '#tranche/formats/csv/scanner.js';
import type { MalformedRecord } from '#tranche/formats/malformed-record.js';
import { RecordTable } from '#tranche/formats/table.js';

/** What a scan found, as values. */
export interface Scanned {
  readonly records: (string | null)[][];
  /** The raw text of each record. */
  readonly raw: string[];
  readonly malformed: {
    readonly before: number;
    readonly reason: string;
    readonly message: string;
    readonly raw: string;
  }[];
  innerLines: number;
  blankLines: number;
  plain: boolean;
  /** Offset behind the last record. */
  next: number;
}

/** How to scan. */
export interface ScanHow {
  readonly dialect?: CsvDialect;
  /** Ends of the pieces in which the bytes come, besides the last. */
  readonly cuts?: readonly number[];
  /** Records a batch. */
  readonly limit?: number;
  readonly byteLimit?: number;
  /** False: more bytes may follow. */
  readonly last?: boolean;
  /** What the buffer holds behind the data. */
  readonly behind?: string;
}

/** Who finds the records: the byte reader alone, the kernel as it is used, and kernels into whose chunks little or hardly a record fits. */
const kernels = [null, scanKernel(), new ScanKernel(64), new ScanKernel(5)];

/**
 * Scans text as a source does: batch by batch, and again with more bytes where a record was not complete. Once for each of {@link kernels}, with other bytes
 * behind the data: the results must be the same.
 */
export function scanCsv(text: string | Buffer, width: number, how: ScanHow = {}): Scanned {
  const [found, ...others] = kernels.map((fast, index) => {
    const scanner = new CsvScanner(how.dialect ?? defaultDialect('csv'), width, fast);
    return scan(text, width, scanner, { behind: ['', '"\n,"'][index % 2]!, ...how });
  });
  for (const other of others) assert.deepEqual(other, found);
  return found!;
}

function scan(text: string | Buffer, width: number, scanner: CsvScanner, how: ScanHow): Scanned {
  const { cuts = [], limit = 1e9, byteLimit = 1e9, last = true } = how;
  const bytes = Buffer.from(text);
  const table = new RecordTable(width, 1);
  const found: Scanned = {
    records: [],
    raw: [],
    malformed: [],
    innerLines: 0,
    blankLines: 0,
    plain: true,
    next: 0,
  };
  const pieces = [...cuts.map(cut => Math.min(cut, bytes.length)).sort((a, b) => a - b), bytes.length];
  for (const [index, end] of pieces.entries()) {
    const buffer = Buffer.concat([bytes.subarray(0, end), Buffer.from(how.behind ?? '')]);
    const isLast = last && index === pieces.length - 1;
    for (let before = -1; before < found.next; ) {
      before = found.next;
      table.clear(limit, found.next + byteLimit);
      found.next = scanner.scan(buffer, found.next, end, isLast, table);
      collect(found, table, buffer, scanner);
    }
  }
  return found;
}

/** The good records of a table, as an encoder gets them. */
export function recordsOf(table: RecordTable, bytes: Buffer, scanner: CsvScanner): TextRecords {
  const { count, width, starts, ends, recordStarts, recordEnds, plain } = table;
  const { quote, escape: escaping } = scanner;
  const ascii = bytes.every(byte => byte < 0x80);
  return {
    form: 'text',
    syntax: 'csv',
    quote,
    escape: escaping,
    bytes,
    ascii,
    plain,
    count,
    width,
    starts,
    ends,
    recordStarts,
    recordEnds,
  };
}

function collect(found: Scanned, table: RecordTable, bytes: Buffer, scanner: CsvScanner): void {
  const records = recordsOf(table, bytes, scanner);
  const malformedBefore = found.records.length;
  for (let r = 0; r < table.count; r++) {
    found.records.push(Array.from({ length: table.width }, (_, c) => cellText(records, r * table.width + c)));
    found.raw.push(bytes.toString('utf8', table.recordStarts[r], table.recordEnds[r]));
  }
  for (const { before, reason, message, start, end } of table.malformed as MalformedRecord[]) {
    found.malformed.push({
      before: malformedBefore + before,
      reason,
      message,
      raw: bytes.toString('utf8', start, end),
    });
  }
  found.innerLines += table.innerLines;
  found.blankLines += table.blankLines;
  found.plain &&= table.plain;
}
