import type { Checkpoint } from '../../core/checkpoint.js';
import { TrancheError } from '../../core/errors.js';
import { type FileFormat, type Formatting, formatOf, sourceFormatting } from '../../formats/file-format.js';
import type { CopyOptionValues } from '../../options.js';
import { isFile } from '../../sources/index.js';
import { readRejects } from '../../state/read-rejects.js';

/** How the records of a job are written, in its files and in its rejects. */
export interface JobFormat {
  /** Null: rows of a table, which rejects keep as CSV or JSON. */
  readonly format: FileFormat | null;
  readonly formatting: Formatting;
}

/** As the options say, else the name of the source, else that of the file the first reject is from. */
export async function jobFormat(
  source: string,
  job: Checkpoint,
  options: CopyOptionValues,
): Promise<JobFormat> {
  if (!isFile(source)) return { format: null, formatting: sourceFormatting('csv', {}) };
  const format = options.format ?? formatOf(source).format ?? (await formatOfFirst(job));
  if (format !== null) return { format, formatting: sourceFormatting(format, options) };
  throw new TrancheError('usage', `the format of ${source} cannot be told from its name`, {
    hint: 'give --format csv, tsv or ndjson',
  });
}

async function formatOfFirst({ rejects }: Checkpoint): Promise<FileFormat | null> {
  for await (const { reject } of readRejects({ path: rejects.path, from: 0, to: rejects.bytes, before: 0 })) {
    return formatOf(reject.at.file).format;
  }
  return null;
}
