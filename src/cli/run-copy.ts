import { copy } from '../copy.js';
import type { OptionTable } from '../core/options.js';
import { type CopyOptionValues, copyOptions } from '../options.js';
import { defaultJobName } from '../state/job-name.js';
import { checkOptions } from './check-options.js';
import { demandOpenOutput } from './closed-output.js';
import { CopyRun } from './copy-run.js';
import type { DisplayValues } from './display.js';
import { again, jobWords } from './resume-command.js';
import { summaryLines } from './summary.js';
import { usedValues } from './used-values.js';
import type { Given } from './values.js';

/** A run of `tranche copy`. Throws what is wrong with its options. */
export function copyRun(
  source: string,
  target: string,
  all: CopyOptionValues & DisplayValues,
  given: Given,
  words: readonly string[],
  options: OptionTable,
): CopyRun {
  const values = usedValues(source, target, all, given);
  checkOptions(values, target);
  if (target === '-') demandOpenOutput();
  const job = values.job ?? defaultJobName(source, target);
  const commands = again(words, options, jobWords(job, values.stateDir));
  return new CopyRun(
    {
      fromStdin: source === '-',
      toStdout: target === '-',
      lines: summaryLines,
      withRejects: 'retry',
      perform: async hooks => {
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
