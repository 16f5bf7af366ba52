import { isUtf8 } from 'node:buffer';
import { TrancheError } from '../../core/errors.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { scanRow } from '../../formats/csv/row.js';
import type { BatchReader } from './batch-reader.js';

/** Longest header that is still taken for one, in bytes. */
const LONGEST_HEADER = 16 * 1024 * 1024;

/** Reads the header of a file: the text of each field, as it stands there; null, and nothing is consumed, if there is none yet. */
export async function readHeader(
  reader: BatchReader,
  dialect: CsvDialect,
  path: string,
): Promise<string[] | null> {
  let fields: string[] | null = null;
  await reader.consume((bytes, last) => {
    if (last && bytes.length === 0) return { bytes: 0, lines: 0 };
    const row = scanRow(bytes, 0, bytes.length, dialect, last && !reader.wholeLines);
    if (!row) {
      if (last) return { bytes: 0, lines: 0 };
      if (bytes.length > LONGEST_HEADER)
        throw unreadable(
          path,
          `the header is longer than ${LONGEST_HEADER} bytes`,
          'is this text, with lines and with quotes that are closed? --no-header if its first line is a record',
        );
      return null;
    }
    if (row.problem) throw unreadable(path, `the header cannot be read: ${row.problem.message}`);
    if (!isUtf8(bytes.subarray(0, row.next))) throw notUtf8(path, bytes);
    fields = row.fields;
    return { bytes: row.next, lines: row.innerLines + 1 };
  });
  return fields;
}

/** Looks at the first record of a file without a header: how many fields it has. Null if the file is empty. */
export async function countFields(
  reader: BatchReader,
  dialect: CsvDialect,
  path: string,
): Promise<number | null> {
  let count: number | null = null;
  await reader.consume((bytes, last) => {
    const empty = last && bytes.length === 0;
    const row = empty ? null : scanRow(bytes, 0, bytes.length, dialect, last && !reader.wholeLines);
    if (!row && !last) {
      if (bytes.length <= LONGEST_HEADER) return null;
      throw unreadable(
        path,
        `the first record is longer than ${LONGEST_HEADER} bytes: its fields are not counted`,
      );
    }
    count = row?.fields.length ?? null;
    return { bytes: 0, lines: 0 };
  });
  return count;
}

/** Column names that are all different and none of them empty, with a note for each that had to be changed. */
export function uniqueNames(fields: readonly string[]): { names: string[]; notes: string[] } {
  const taken = new Set<string>();
  const notes: string[] = [];
  const names = fields.map((field, i) => {
    const wanted = field === '' ? `column_${i + 1}` : field;
    let name = wanted;
    for (let n = 2; taken.has(name) || (name !== field && fields.includes(name)); n++)
      name = `${wanted}_${n}`;
    taken.add(name);
    if (name !== field)
      notes.push(`column ${i + 1} is called ${name}: its name is ${field === '' ? 'empty' : 'there twice'}`);
    return name;
  });
  return { names, notes };
}

/** A file of a list has another header than the first one: its columns would be shifted. */
export function checkHeader(fields: readonly string[], names: readonly string[], path: string): void {
  if (fields.length !== names.length) throw otherHeader(fields, names, path);
  const own = uniqueNames(fields).names;
  if (own.some((name, i) => name !== names[i])) throw otherHeader(fields, names, path);
}

function otherHeader(fields: readonly string[], names: readonly string[], path: string): TrancheError {
  return new TrancheError(
    'source_changed',
    `${path} has another header: ${fields.join(', ')} instead of ${names.join(', ')}`,
    {
      path,
      hint: 'files of one job need the same columns in the same order',
    },
  );
}

function notUtf8(path: string, bytes: Buffer): TrancheError {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  return unreadable(
    path,
    'the header is not valid UTF-8',
    `try --encoding ${utf16 ? 'utf-16' : 'windows-1252'}`,
  );
}

function unreadable(path: string, message: string, hint?: string): TrancheError {
  return new TrancheError('source_unreadable', `${path === '-' ? 'stdin' : path}: ${message}`, {
    path,
    operation: 'read',
    ...(hint ? { hint } : {}),
  });
}
