import type { OpenTarget } from '../../core/target.js';
import type { CsvDialect } from '../../formats/csv/dialect.js';
import { formatOf, targetFormatting, writtenOptions } from '../../formats/file-format.js';
import { GzipOutput } from '../../storage/gzip-output.js';
import type { Output } from '../../storage/output.js';
import { PartFile } from '../../storage/part-file.js';
import { fileTargetOptions } from '../options.js';
import type { TargetContext, TargetKind } from '../target-kind.js';
import { demandHeader } from './demand-header.js';
import { FileTarget } from './file-target.js';
import { encoderOf, formatToWrite, formatTraits } from './formatting.js';

/** A file, written beside its final name and renamed when it is complete. */
export const fileTarget: TargetKind = {
  accepts: () => true,
  options: (spec, { toFormat }) => ({
    ...fileTargetOptions,
    ...writtenOptions(toFormat ?? formatOf(spec).format),
  }),
  create,
};

async function create(spec: string, context: TargetContext): Promise<FileTarget> {
  const { overwrite = false, append = false } = context.options;
  const format = formatToWrite(spec, context);
  const formatting = targetFormatting(format, context.sourceFormat, context.options);
  return new FileTarget({
    name: spec,
    traits: {
      guarantee: 'exactly once',
      because: 'a resumed run cuts the file back to the checkpoint',
      grows: true,
      ...formatTraits(format, context),
    },
    encoder: encoderOf(format, context),
    output: async (how, header) => {
      const output = await openOutput(spec, how, header, { overwrite, append });
      if (append && how.mark === null && formatting.kind === 'csv')
        await demandFitting(output, spec, header, formatting.dialect);
      return output;
    },
  });
}

async function openOutput(
  path: string,
  { mark, finished, replaces }: OpenTarget,
  whenEmpty: Buffer,
  { overwrite, append }: { readonly overwrite: boolean; readonly append: boolean },
): Promise<Output> {
  const files = formatOf(path).gzip ? GzipOutput : PartFile;
  if (mark)
    return await (finished ? files.reopen(path, mark, whenEmpty) : files.resume(path, mark, whenEmpty));
  if (append) return await files.append(path, { lines: true, whenEmpty });
  return await files.create(path, { overwrite, replacePart: replaces, whenEmpty });
}

/** What is there already has to have the header that the records would have got. Lets go of the output if it has not. */
async function demandFitting(
  output: Output,
  path: string,
  header: Buffer,
  dialect: CsvDialect,
): Promise<void> {
  if (output.isEmpty) return;
  try {
    await demandHeader(path, header, dialect);
  } catch (error) {
    await output.close(false);
    throw error;
  }
}
