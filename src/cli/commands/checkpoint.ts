import { readFile } from 'node:fs/promises';
import { ioError, TrancheError } from '../../core/errors.js';
import { flag } from '../../core/options.js';
import { engineDefaults, jobOptions } from '../../engine/options.js';
import { printable } from '../../reporters/printable.js';
import { jobDirectory } from '../../state/job-directory.js';
import { removeJob } from '../../state/remove-job.js';
import { command } from '../command.js';
import { checkpointLines } from '../job-lines.js';
import { checkJobExists, readJob } from '../job-report.js';
import { print } from '../output.js';

const job = { name: 'JOB', summary: 'name of the job; tranche status lists them' } as const;

/** `tranche checkpoint show JOB`. */
export const showCommand = command({
  name: 'checkpoint show',
  operands: [job],
  options: {
    stateDir: jobOptions.stateDir,
    json: flag({ group: 'display', summary: 'print the checkpoint as it is' }),
  } as const,
  examples: [
    { line: 'tranche checkpoint show nightly', does: 'in words' },
    { line: 'tranche checkpoint show nightly --json', does: 'as it is' },
  ],
  exitCodes: [0, 1, 2, 8],
  run: async ({ operands, options: { stateDir = engineDefaults.stateDir, json } }) => {
    const [name] = operands as readonly [string];
    const report = await readJob(stateDir, name);
    if (report.error !== null) throw report.error;
    if (report.checkpoint === null) {
      throw new TrancheError('usage', `job "${name}" has no checkpoint`, {
        hint: `it is ${report.standing === 'starting' ? 'just starting' : 'at its beginning'}: tranche status ${name}`,
      });
    }
    if (json) await print(await text(report.checkpointPath));
    else await print(`${checkpointLines(report, report.checkpoint).map(printable).join('\n')}\n`);
    return 0;
  },
});

/** `tranche checkpoint rm JOB`. */
export const removeCommand = command({
  name: 'checkpoint rm',
  operands: [job],
  options: {
    stateDir: jobOptions.stateDir,
    json: flag({ group: 'display', summary: 'print what was done as JSON' }),
  } as const,
  examples: [
    { line: 'tranche checkpoint rm nightly', does: 'forget a job' },
    {
      line: 'tranche checkpoint rm nightly --state-dir /var/lib/tranche',
      does: 'in another state directory',
    },
  ],
  exitCodes: [0, 1, 2, 6],
  run: async ({ operands, options: { stateDir = engineDefaults.stateDir, json } }) => {
    const [name] = operands as readonly [string];
    await checkJobExists(stateDir, name);
    await removeJob(jobDirectory(stateDir, name));
    const words = `forgot job ${name}; its source and target are as they were\n`;
    await print(json ? `${JSON.stringify({ job: name, removed: true })}\n` : words);
    return 0;
  },
});

async function text(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw ioError('read', path, error);
  }
}
