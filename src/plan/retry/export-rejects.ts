import { isUtf8 } from 'node:buffer';
import { dirname } from 'node:path';
import type { Checkpoint } from '../../core/checkpoint.js';
import { systemCode, TrancheError } from '../../core/errors.js';
import { isTruncated, type KeptReject } from '../../core/reject.js';
import { syncDirectory } from '../../durable/directory.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { scanRow } from '../../formats/csv/row.js';
import { CsvEncoder } from '../../formats/csv/writer.js';
import { formatOf } from '../../formats/file-format.js';
import { rowText } from '../../sources/rejects/row-text.js';
import { rawOf } from '../../state/reject-line.js';
import type { JobFormat } from './job-format.js';
import { LineFile } from './line-file.js';
import { rejectId } from './reject-id.js';

/** Name of the column that tells which reject a row is. */
export const ID_COLUMN = 'tranche_reject';

/** What was written to a file, and what was left out of it. */
export interface Exported {
  readonly written: number;
  /** CSV: records that are no whole row of text, so that they would damage the rows behind them. */
  readonly leftOut: number;
}

/** A reject as bytes of a file; null: it cannot stand there. */
type Form = (reject: KeptReject) => Buffer | null;

/**
 * Writes the raw records of rejects to a new file, to be edited and given back: as rows behind the job's header (CSV; the raw text as it was behind a column more),
 * or as lines of JSON. Throws `usage` for a name that tells no format, `target_exists` if the file is there.
 */
export async function exportRejects(
  rejects: AsyncIterable<KeptReject>,
  path: string,
  job: Checkpoint,
  format: JobFormat,
): Promise<Exported> {
  const [header, form] = formOf(path, job, format);
  const file = await create(path);
  let written = 0;
  let leftOut = 0;
  try {
    if (header.length > 0) await file.append(header);
    for await (const reject of rejects) {
      const bytes = form(reject);
      if (bytes === null) {
        leftOut++;
        continue;
      }
      await file.append(bytes);
      written++;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  await syncDirectory(dirname(path));
  return { written, leftOut };
}

/** The dialect of a CSV file of rejects; null for lines of JSON. Throws `usage` for a name that tells neither, or that does not fit the job's records. */
export function dialectOfFile(
  option: string,
  path: string,
  { format, formatting }: JobFormat,
): CsvDialect | null {
  const named = formatOf(path);
  if (named.format === 'ndjson' && !named.gzip) return null;
  if (named.format === null || named.gzip) {
    throw new TrancheError(
      'usage',
      `${option} takes a file whose name ends in .csv or .ndjson, not "${path}"`,
    );
  }
  if (formatting.kind === 'csv') return formatting.dialect;
  throw new TrancheError(
    'usage',
    `${option}: the records of this job are ${format} and cannot stand in ${path}`,
    {
      hint: 'name a file that ends in .ndjson',
    },
  );
}

function formOf(path: string, job: Checkpoint, format: JobFormat): readonly [header: Buffer, form: Form] {
  const dialect = dialectOfFile('--to', path, format);
  if (dialect === null) return [Buffer.alloc(0), reject => Buffer.from(lineOf(reject, job, format))];
  const columns = [{ name: ID_COLUMN, type: 'text', declared: false } as const, ...job.columns];
  const encoder = new CsvEncoder(
    columns.map((column, from) => ({ ...column, from })),
    dialect,
    { header: true, escapeFormulas: false, source: undefined },
  );
  return [Buffer.from(encoder.header()), reject => rowOf(reject, job, dialect)];
}

/** The raw record behind its name; null if it is no row that ends where it should. */
function rowOf(reject: KeptReject, job: Checkpoint, dialect: CsvDialect): Buffer | null {
  if (isTruncated(reject) || !isUtf8(reject.raw)) return null;
  const raw = rowText(reject.raw, job.columns);
  if (raw === null) return null;
  const line = Buffer.concat([
    Buffer.from(rejectId(job, reject.number)),
    dialect.delimiter,
    raw,
    Buffer.from('\n'),
  ]);
  const row = scanRow(line, 0, line.length, dialect);
  return row?.next === line.length ? line : null;
}

/** Records of JSON stand in their line as they are; `raw` is its last key. */
function lineOf(reject: KeptReject, job: Checkpoint, { format }: JobFormat): string {
  const { raw, ...how } = rawOf(reject);
  const { reason, message, at } = reject;
  const head = {
    reject: rejectId(job, reject.number),
    reason,
    message,
    file: at.file,
    line: at.line,
    ...how,
  };
  const isRecord =
    format === 'ndjson' && how.encoding === undefined && how.truncated === undefined && isObject(raw);
  return `${JSON.stringify(head).slice(0, -1)},"raw":${isRecord ? raw.trim() : JSON.stringify(raw)}}\n`;
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

async function create(path: string): Promise<LineFile> {
  try {
    return await LineFile.create(path);
  } catch (error) {
    if (!(error instanceof TrancheError) || systemCode(error.cause) !== 'EEXIST') throw error;
    throw new TrancheError('target_exists', `${path} exists already`, {
      operation: 'create',
      path,
      cause: error,
      hint: 'name another file with --to, or move it away',
    });
  }
}
