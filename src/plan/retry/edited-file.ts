import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Checkpoint } from '../../core/checkpoint.js';
import { ioError } from '../../core/errors.js';
import type { Edited } from './edited.js';
import { readEditedLines } from './edited-lines.js';
import { readEditedRows } from './edited-rows.js';
import { dialectOfFile } from './export-rejects.js';
import type { JobFormat } from './job-format.js';
import { rejectNumber } from './reject-id.js';
import { wrong } from './wrong-file.js';

/** Records that were given back, by the numbers of their rejects. */
export interface EditedFile {
  readonly records: ReadonlyMap<number, Edited>;
  /** Of the file's content: another content is another question. */
  readonly hash: string;
}

/**
 * Reads a file that was exported and edited. It may have fewer records than were exported, in any order. Throws `usage` for what cannot be brought together with the rejects
 * of this job.
 */
export async function readEditedFile(path: string, job: Checkpoint, format: JobFormat): Promise<EditedFile> {
  const dialect = dialectOfFile('--from', path, format);
  const bytes = await read(path);
  if (!isUtf8(bytes)) throw wrong(path, 'it is not UTF-8', 'save it as UTF-8');
  const text = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
  const found = dialect === null ? readEditedLines(text, path) : readEditedRows(text, path, dialect, job);
  const records = new Map<number, Edited>();
  for (const edited of found) {
    const number = rejectNumber(job, edited.id);
    if (number === null || number > job.counts.rejected) {
      throw wrong(
        path,
        `${edited.place} is called "${edited.id}", which is no reject of job ${job.job}`,
        again,
      );
    }
    if (records.has(number))
      throw wrong(path, `${edited.id} is there twice, again in ${edited.place}`, again);
    records.set(number, edited);
  }
  return { records, hash: createHash('sha256').update(bytes).digest('hex') };
}

const again =
  'leave the names of the rejects as they were exported; tranche rejects JOB --to FILE exports them anew';

async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw ioError('read', path, error);
  }
}
