import type { OptionTable } from '../core/options.js';
import { type CopyOptionValues, copyOptions } from '../options.js';
import { defaultJobName } from '../state/job-name.js';
import { CopyRun } from './copy-run.js';
import type { DisplayValues } from './display.js';
import { again, jobWords } from './resume-command.js';
import { summaryLines } from './summary.js';

/** A run of `tranche copy`. */
export function copyRun(
  source: string,
  target: string,
  values: CopyOptionValues & DisplayValues,
  words: readonly string[],
  options: OptionTable,
): CopyRun {
  const job = values.job ?? defaultJobName(source, target);
  const commands = again(words, options, jobWords(job, values.stateDir));
  return new CopyRun(
    {
      fromStdin: source === '-',
      toStdout: target === '-',
      lines: summaryLines,
      withRejects: 'retry',
      perform: async hooks => {
        const { copy } = await import('../copy.js');
        return await copy({ ...planValues(values), source, target, command: commands.resume }, hooks);
      },
    },
    values,
    commands,
  );
}

/** What is about the job, and not about showing it. */
export function planValues(values: CopyOptionValues): CopyOptionValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => Object.hasOwn(copyOptions, name)));
}
