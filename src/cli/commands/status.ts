import { flag } from '../../core/options.js';
import { engineDefaults, jobOptions } from '../../engine/options.js';
import { printable } from '../../reporters/printable.js';
import { formatCount, formatDuration, formatPercent, formatRate } from '../../reporters/quantities.js';
import { inColumns } from '../columns.js';
import { command } from '../command.js';
import { ageOf, jobObject, rateOf, shareOf } from '../job-facts.js';
import { jobLines } from '../job-lines.js';
import { type JobReport, readJob, readJobs } from '../job-report.js';
import { print } from '../output.js';

const options = {
  stateDir: jobOptions.stateDir,
  json: flag({ group: 'display', summary: 'print JSON: an array of jobs, or the one job' }),
} as const;

/** `tranche status [JOB]`. */
export const statusCommand = command({
  name: 'status',
  operands: [{ name: 'JOB', summary: 'name of a job; every job if it is left out', optional: true }],
  options,
  notes: [
    {
      title: 'Status',
      entries: [
        ['running', 'a process runs it'],
        ['starting', 'a process runs it and has no checkpoint yet'],
        ['interrupted', 'its process died; --resume goes on'],
        ['paused', 'it was stopped; --resume goes on'],
        ['failed', 'it stopped with an error; --resume goes on'],
        ['finished', 'all records are done'],
        ['unreadable', 'its checkpoint cannot be read'],
        ['new', 'it ended before its first checkpoint'],
      ],
    },
  ],
  examples: [
    { line: 'tranche status', does: 'every job' },
    { line: 'tranche status nightly --json', does: 'one job, for a script' },
  ],
  exitCodes: [0, 1, 2, 8],
  run: async ({ operands: [job], options: { stateDir = engineDefaults.stateDir, json } }) => {
    if (job !== undefined) return showJob(await readJob(stateDir, job), json === true);
    const reports = await readJobs(stateDir);
    if (json) await print(`${JSON.stringify(reports.map(jobObject))}\n`);
    else if (reports.length === 0) await print(`no jobs in ${stateDir}\n`);
    else
      await print(
        `${inColumns([header, ...reports.map(row)])
          .map(printable)
          .join('\n')}\n`,
      );
    return 0;
  },
});

const header = ['JOB', 'STATUS', 'DONE', 'READ', 'WRITTEN', 'REJECTED', 'RESOLVED', 'RATE', 'CHECKPOINT'];

async function showJob(report: JobReport, json: boolean): Promise<number> {
  if (json) await print(`${JSON.stringify(jobObject(report))}\n`);
  else if (report.error === null) await print(`${jobLines(report).map(printable).join('\n')}\n`);
  if (report.error === null) return 0;
  if (!json) throw report.error;
  return 8;
}

function row({ job, standing, checkpoint, rejects, process }: JobReport): readonly string[] {
  if (checkpoint === null) return [job, standing];
  const share = shareOf(checkpoint);
  const rate = rateOf(checkpoint);
  const { read, written, rejected } = checkpoint.counts;
  return [
    job,
    standing,
    share === null ? '?' : formatPercent(share),
    formatCount(read),
    formatCount(written),
    formatCount(rejected),
    formatCount(rejects?.resolved ?? 0),
    rate === null ? '-' : formatRate(rate),
    `${formatDuration(ageOf(checkpoint))} ago${process === null ? '' : `, pid ${process.pid}`}`,
  ];
}
