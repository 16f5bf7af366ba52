import type { Column } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import type { Description } from '../../core/source.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { CsvScanner } from '../../formats/csv/scanner.js';
import { discoverColumns } from '../../formats/ndjson/discover.js';
import { NdjsonScanner } from '../../formats/ndjson/scanner.js';
import type { BatchReader } from './batch-reader.js';
import { countFields, readHeader, uniqueNames } from './header.js';
import { CsvSample, SAMPLE_BYTES, SAMPLE_PIECE, SAMPLE_RECORDS } from './sample.js';

/** Learns columns from a header and a sample of a CSV file, read from its beginning; `columns` replace the names. Null if it is empty. */
export async function describeCsv(
  reader: BatchReader,
  path: string,
  { dialect, header }: { readonly dialect: CsvDialect; readonly header: boolean },
  columns: readonly string[] | null,
): Promise<Description | null> {
  const fields = header ? await readHeader(reader, dialect, path) : await unnamed(reader, dialect, path);
  if (!fields) return null;
  if (columns && columns.length !== fields.length) {
    throw new TrancheError(
      'usage',
      `--columns names ${columns.length} columns, ${path} has ${fields.length}`,
      { path },
    );
  }
  const { names, notes } = uniqueNames(columns ?? fields);
  const sample = await readSample(reader, new CsvScanner(dialect, names.length), names.length);
  return { columns: sample.columns(names), notes };
}

/** Learns columns from a sample of an NDJSON file; `columns` choose among them. Null if it is empty. */
export async function describeNdjson(
  reader: BatchReader,
  columns: readonly string[] | null,
): Promise<Description | null> {
  const limits = { records: SAMPLE_RECORDS, bytes: SAMPLE_BYTES };
  const batch = await reader.next(limits, new NdjsonScanner([]), 0);
  if (!batch) return null;
  const { bytes, count, recordStarts, recordEnds } = batch.records;
  const first = count === 0 ? 0 : recordStarts[0]!;
  const last = count === 0 ? 0 : recordEnds[count - 1]!;
  const found = discoverColumns(bytes, first, last, true, SAMPLE_RECORDS);
  batch.release();
  const types = new Map(found.names.map((name, i) => [name, found.types[i] ?? 'text']));
  const names = columns ?? found.names;
  return {
    columns: names.map(name => ({ ...textColumn(name), type: types.get(name) ?? 'text' })),
    notes: [],
  };
}

/** A column of which only the name is known. */
export function textColumn(name: string): Column {
  return { name, type: 'text', declared: false };
}

async function unnamed(reader: BatchReader, dialect: CsvDialect, path: string): Promise<string[] | null> {
  const count = await countFields(reader, dialect, path);
  return count === null ? null : Array.from({ length: count }, (_, i) => `column_${i + 1}`);
}

async function readSample(reader: BatchReader, scanner: CsvScanner, width: number): Promise<CsvSample> {
  const sample = new CsvSample(width);
  for (let bytes = 0; sample.records < SAMPLE_RECORDS && bytes < SAMPLE_BYTES; ) {
    const limits = { records: SAMPLE_RECORDS - sample.records, bytes: SAMPLE_PIECE };
    const batch = await reader.next(limits, scanner, width);
    if (!batch) break;
    sample.add(batch.records);
    bytes += batch.bytes;
    batch.release();
  }
  return sample;
}
