import { formatOf, readingOptions, sourceFormatting } from '../../formats/file-format.js';
import { formatDefaults } from '../../formats/options.js';
import type { SourceContext, SourceKind } from '../source-kind.js';
import { FileSource } from './file-source.js';
import { commonFormat, expandFiles } from './files.js';

/** A file, a pattern, a directory, or `-` for stdin. */
export const fileSource: SourceKind = {
  accepts: () => true,
  options: (spec, { format }) => readingOptions(format ?? formatOf(spec).format),
  create,
};

async function create(spec: string, { options, stdin }: SourceContext): Promise<FileSource> {
  const paths = spec === '-' ? ['-'] : await expandFiles(spec);
  const format = options.format ?? commonFormat(spec, paths);
  return new FileSource({
    name: spec === '-' ? 'stdin' : spec,
    paths,
    format,
    formatting: sourceFormatting(format, options),
    columns: options.columns ?? null,
    otherKeys: options.select !== undefined,
    encoding: options.encoding ?? formatDefaults.encoding,
    maxRecordBytes: options.maxRecordBytes ?? formatDefaults.maxRecordBytes,
    wholeLines: options.wholeLines ?? false,
    stdin,
  });
}
