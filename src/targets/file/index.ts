import { TrancheError } from '../../core/errors.js';
import type { OpenTarget } from '../../core/target.js';
import { formatOf } from '../../formats/file-format.js';
import { GzipOutput } from '../../storage/gzip-output.js';
import type { Output } from '../../storage/output.js';
import { PartFile } from '../../storage/part-file.js';
import type { TargetContext, TargetKind } from '../target-kind.js';
import { FileTarget } from './file-target.js';
import { encoderOf, formatToWrite, formatTraits } from './formatting.js';

/** A file, written beside its final name and renamed when it is complete. */
export const fileTarget: TargetKind = {
  accepts: () => true,
  create,
};

async function create(spec: string, context: TargetContext): Promise<FileTarget> {
  const { overwrite = false, append = false } = context.options;
  if (overwrite && append) throw new TrancheError('usage', '--overwrite and --append exclude each other');
  const format = formatToWrite(spec, context);
  return new FileTarget({
    name: spec,
    traits: {
      guarantee: 'exactly once',
      because: 'a resumed run cuts the file back to the checkpoint',
      ...formatTraits(format, context),
    },
    encoder: encoderOf(format, context),
    output: (how, header) => openOutput(spec, how, header, { overwrite, append }),
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
