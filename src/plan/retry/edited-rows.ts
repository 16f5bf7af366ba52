import type { Checkpoint } from '../../core/checkpoint.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { type CsvRow, scanRow } from '../../formats/csv/row.js';
import type { Edited } from './edited.js';
import { ID_COLUMN } from './export-rejects.js';
import { wrong } from './wrong-file.js';

const LF = 10;
const CR = 13;

/** The rows of an edited CSV file: the first field names the reject, what is behind it is its raw text. */
export function* readEditedRows(
  bytes: Buffer,
  path: string,
  dialect: CsvDialect,
  { columns }: Checkpoint,
): Generator<Edited> {
  const header = scanRow(bytes, 0, bytes.length, dialect, true);
  checkHeader(
    header?.fields ?? [],
    columns.map(({ name }) => name),
    path,
    dialect,
  );
  for (let at = header!.next, number = 2; at < bytes.length; number++) {
    const row = scanRow(bytes, at, bytes.length, dialect, true)!;
    const place = `row ${number}`;
    if (row.problem?.reason === 'unclosed_quote') {
      throw wrong(
        path,
        `${place} has a quote that is never closed`,
        'close it, so that the rows behind it are rows again',
      );
    }
    const isBlank = row.fields.length === 1 && row.fields[0] === '';
    if (!isBlank) {
      const raw = bytes.subarray(behindFirst(bytes, at, row, dialect), endOf(bytes, at, row));
      yield { id: row.fields[0]!.trim(), raw, place };
    }
    at = row.next;
  }
}

function checkHeader(
  fields: readonly string[],
  names: readonly string[],
  path: string,
  { delimiter }: CsvDialect,
): void {
  const expected = [ID_COLUMN, ...names];
  if (fields.length === expected.length && expected.every((name, i) => fields[i] === name)) return;
  const between = JSON.stringify(delimiter.toString());
  throw wrong(
    path,
    `its columns are ${fields.join(', ') || 'not there'} instead of ${expected.join(', ')}`,
    `leave the columns as they were exported, and save with ${between} between fields`,
  );
}

/** Where the raw text begins: behind the name and its delimiter. */
function behindFirst(
  bytes: Buffer,
  at: number,
  { fields, next }: CsvRow,
  { delimiter, quote }: CsvDialect,
): number {
  if (fields.length === 1) return endOf(bytes, at, { next });
  const quotes = bytes[at] === quote ? 2 : 0;
  return at + Buffer.byteLength(fields[0]!) + quotes + delimiter.length;
}

/** Where it ends: before the line ending. */
function endOf(bytes: Buffer, at: number, { next }: Pick<CsvRow, 'next'>): number {
  let end = next;
  if (end > at && bytes[end - 1] === LF) end--;
  if (end > at && bytes[end - 1] === CR) end--;
  return end;
}
