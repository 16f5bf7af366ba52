import { writtenOptions } from '../formats/file-format.js';
import { StreamOutput } from '../storage/stream-output.js';
import { FileTarget } from './file/file-target.js';
import { encoderOf, formatToWrite, formatTraits } from './file/formatting.js';
import type { TargetContext, TargetKind } from './target-kind.js';

/** Standard output: what was written cannot be taken back. */
export const stdoutTarget: TargetKind = {
  accepts: spec => spec === '-',
  options: (_spec, { toFormat }) => writtenOptions(toFormat ?? null),
  create,
};

async function create(spec: string, context: TargetContext): Promise<FileTarget> {
  const format = formatToWrite(spec, context);
  return new FileTarget({
    name: 'stdout',
    traits: {
      guarantee: 'at least once',
      because: 'what went down a pipe behind the last checkpoint cannot be taken back',
      grows: true,
      ...formatTraits(format, context),
    },
    encoder: encoderOf(format, context),
    output: async ({ mark }, header) => new StreamOutput(context.stdout, 'stdout', mark, header),
  });
}
