import type { ReasonCode } from '../core/batch.js';
import type { Checkpoint } from '../core/checkpoint.js';
import { TrancheError } from '../core/errors.js';
import type { Summary } from '../core/events.js';
import { type CopyOptionValues, copyDefaults, copyOptions } from '../options.js';
import { retryRejects } from '../retry-rejects.js';
import { demandOpenOutput } from './closed-output.js';
import { CopyRun } from './copy-run.js';
import type { DisplayValues } from './display.js';
import { commandOf } from './job-facts.js';
import { readJob } from './job-report.js';
import { jobValues } from './job-values.js';
import { jobWords, programWords, sameAgain } from './resume-command.js';
import { planValues } from './run-copy.js';
import { withoutSecrets } from './secret-words.js';
import { shellLine } from './shell.js';
import { summaryLines } from './summary.js';
import { usedValues } from './used-values.js';
import type { Given } from './values.js';

/** What `tranche retry-rejects` was given. */
export type RetryValues = CopyOptionValues &
  DisplayValues & { readonly reason?: readonly ReasonCode[] | undefined; readonly from?: string | undefined };

/** A run of `tranche retry-rejects JOB`: with the job's own options, and those given now. Throws what says that there is nothing to run. */
export async function retryRun(
  job: string,
  values: RetryValues,
  given: Given,
  words: readonly string[],
): Promise<CopyRun> {
  const { stateDir = copyDefaults.stateDir, reason, from } = values;
  const { source, target, options, missing } = await jobValues(await finishedJob(stateDir, job));
  demandSecrets(missing, values, words);
  const changed = planValues(usedValues(source, target, values, given));
  if (target === '-') demandOpenOutput();
  if (values.json && target === '-') {
    throw new TrancheError('usage', '--json and the target "-" both need standard output');
  }
  const commands = sameAgain(words, copyOptions, jobWords(job, values.stateDir));
  const plan = { ...options, ...changed, job, stateDir, source, target, reasons: reason, from };
  return new CopyRun(
    {
      fromStdin: false,
      toStdout: target === '-',
      lines: retryLines,
      withRejects: 'rejects',
      perform: async hooks => {
        return await retryRejects({ ...plan, command: commands.resume }, hooks);
      },
    },
    values,
    commands,
  );
}

/** Secrets are in no checkpoint: they have to be given once more. */
function demandSecrets(
  missing: ReadonlyMap<string, readonly string[]>,
  values: RetryValues,
  words: readonly string[],
): void {
  const given: { readonly [name: string]: unknown } = values;
  const again = [...missing].flatMap(([name, texts]) => (given[name] === undefined ? texts : []));
  if (again.length === 0) return;
  throw new TrancheError('usage', `the job was run with ${shellLine(again)}, and no secret is kept`, {
    hint: `give it again:\n  ${shellLine([...programWords(), ...withoutSecrets(words, copyOptions), ...again])}`,
  });
}

/** The checkpoint of a job whose rejects may be sent again. While the job runs, its lock says so better. */
async function finishedJob(stateDir: string, name: string): Promise<Checkpoint> {
  const { checkpoint, process, error } = await readJob(stateDir, name);
  if (error !== null) throw error;
  if (checkpoint === null) {
    throw new TrancheError(
      process === null ? 'usage' : 'job_locked',
      `job "${name}" has no rejects: it has just begun`,
    );
  }
  if (checkpoint.status === 'finished' || process !== null) return checkpoint;
  throw new TrancheError(
    'job_unfinished',
    `job ${name} is not finished: its rejects are sent again when it is`,
    {
      hint: `go on with it first:\n  ${commandOf(checkpoint)}`,
    },
  );
}

function retryLines(summary: Summary): readonly string[] {
  return summary.nothingNew
    ? ['nothing to send again: no reject that was asked for is left']
    : summaryLines(summary);
}
