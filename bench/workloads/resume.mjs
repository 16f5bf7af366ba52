import { bound, timeOver } from '../goals.mjs';
import { measure } from '../measure.mjs';
import { output } from '../outputs.mjs';
import { trancheCommand } from '../programs.mjs';

const recordsPerBatch = 10_000;
const paused = [75];

/** From the start of the process to the end of the first batch after `--resume`; each run goes on where the one before stopped. */
export const resume = {
  name: 'resume',
  title: 'First batch after --resume',
  input: 'flights.csv',
  keepsOutputs: true,
  entries: [
    resumeAt('at 1 %', 0.01),
    resumeAt('at 90 %', 0.9),
    { label: 'tranche --version', program: 'tranche', command: () => trancheCommand(['--version']) },
  ],
  goals: [
    timeOver('at 90 %', 'at 1 %', { floor: 1.2 }),
    bound('time at 90 %', 's', 'less', { floor: 0.5 }, results => results['at 90 %']?.seconds ?? null),
    timeOver('at 90 %', 'tranche --version', { aim: 1.1 }),
  ],
};

function resumeAt(label, share) {
  const name = `resume-${share}`;
  const copy = (input, ...words) =>
    trancheCommand([
      'copy',
      input.file,
      output(`${name}.ndjson`),
      '--overwrite',
      '--progress',
      'none',
      '--state-dir',
      output(name),
      ...words,
    ]);

  return {
    label,
    program: 'tranche',
    exits: paused,
    prepare: input => {
      const batches = Math.max(1, Math.round((input.records * share) / recordsPerBatch));
      const command = copy(input, '--fresh', '--max-batches', String(batches));
      return measure({ command, exits: paused });
    },
    command: input => copy(input, '--resume', '--max-batches', '1'),
  };
}
