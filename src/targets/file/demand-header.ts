import { TrancheError } from '../../core/errors.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { scanRow } from '../../formats/csv/row.js';
import { formatOf } from '../../formats/file-format.js';
import { openFileInput } from '../../storage/file-input.js';
import { openGzipInput } from '../../storage/gzip-input.js';
import type { Input } from '../../storage/input.js';

/** Bytes in which the first line of a file is looked for. A longer one is only compared with a header that is longer yet. */
const FIRST_LINE = 64 * 1024;
const MARK = Buffer.of(0xef, 0xbb, 0xbf);

/**
 * Rejects with `usage` unless a CSV file that is not empty begins with the same column names as `header`: what is appended would stand
 * under other names. An empty `header` fits every file.
 */
export async function demandHeader(path: string, header: Buffer, dialect: CsvDialect): Promise<void> {
  if (header.length === 0) return;
  const { bytes, whole } = await readStart(path, Math.max(FIRST_LINE, header.length + MARK.length));
  const from = bytes.subarray(0, MARK.length).equals(MARK) ? MARK.length : 0;
  const found = scanRow(bytes, from, bytes.length, dialect, whole);
  const wanted = scanRow(header, 0, header.length, dialect, true);
  if (found?.problem === null && same(found.fields, wanted?.fields ?? [])) return;
  const begins = found ? namesOf(found.fields) : 'a line of another length';
  throw new TrancheError(
    'usage',
    `cannot append to ${path}: its header is ${begins}, and that of the records ${namesOf(wanted?.fields ?? [])}`,
    {
      operation: 'append',
      path,
      hint: 'bring the columns into the same names and order with --rename and --select, or append to another file',
    },
  );
}

async function readStart(path: string, length: number): Promise<{ bytes: Buffer; whole: boolean }> {
  const input = await openStart(path);
  const bytes = Buffer.alloc(length);
  let filled = 0;
  try {
    for (;;) {
      const count = await input.read(bytes, filled, length - filled);
      filled += count;
      if (count === 0 || filled === length) return { bytes: bytes.subarray(0, filled), whole: count === 0 };
    }
  } finally {
    await input.close();
  }
}

async function openStart(path: string): Promise<Input> {
  if (!formatOf(path).gzip) return await openFileInput(path, 0);
  return await openGzipInput(path, { offset: 0, waypoint: null, progressing: () => {} });
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, i) => name === other[i]);
}

function namesOf(fields: readonly string[]): string {
  return fields.map(name => JSON.stringify(name)).join(', ');
}
