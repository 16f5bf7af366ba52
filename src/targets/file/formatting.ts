import type { OutputColumn } from '../../core/columns.js';
import { TrancheError } from '../../core/errors.js';
import type { TargetTraits } from '../../core/target.js';
import { defaultDialect } from '../../formats/csv/dialect.js';
import { CsvEncoder } from '../../formats/csv/writer.js';
import type { Encoder } from '../../formats/encoder.js';
import { type FileFormat, formatOf, sourceFormatting, targetFormatting } from '../../formats/file-format.js';
import { NdjsonEncoder } from '../../formats/ndjson/writer.js';
import type { TargetContext } from '../target-kind.js';

/** The format to write: as it was asked for, or as the name tells. */
export function formatToWrite(spec: string, { options }: TargetContext): FileFormat {
  const format = options.toFormat ?? formatOf(spec).format;
  if (format) return format;
  throw new TrancheError(
    'usage',
    `the format of ${spec === '-' ? 'stdout' : spec} cannot be told from its name`,
    {
      hint: 'give --to-format csv, tsv or ndjson (--format is about the source)',
    },
  );
}

/** What makes the encoder of a format once the columns are known. */
export function encoderOf(
  format: FileFormat,
  context: TargetContext,
): (columns: readonly OutputColumn[]) => Encoder {
  const { options, sourceFormat, plainCsv } = context;
  const formatting = targetFormatting(format, sourceFormat, options);
  if (formatting.kind === 'ndjson') return columns => new NdjsonEncoder(columns);
  const source = sourceFormat && sourceFormatting(sourceFormat, options);
  const { dialect, header } = formatting;
  const escapeFormulas = options.escapeFormulas ?? false;
  const ofTable = plainCsv ? defaultDialect('csv') : undefined;
  const from = source?.kind === 'csv' ? source.dialect : ofTable;
  return columns => new CsvEncoder(columns, dialect, { header, escapeFormulas, source: from });
}

/** What a file format needs of the records. NDJSON that stays as it is is checked and handed on; nobody looks at its keys. */
export function formatTraits(
  format: FileFormat,
  { sourceFormat, reshaped }: TargetContext,
): Pick<TargetTraits, 'batchSize' | 'cells' | 'fixedColumns'> {
  const handedOn = format === 'ndjson' && sourceFormat === 'ndjson' && !reshaped;
  return { batchSize: 10_000, cells: !handedOn, fixedColumns: format !== 'ndjson' };
}
