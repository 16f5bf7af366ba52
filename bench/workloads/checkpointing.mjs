import { timeOver } from '../goals.mjs';
import { checkLines, output } from '../outputs.mjs';
import { copyCommand } from '../programs.mjs';

const ndjson = output('out.ndjson');
const check = ({ records }) => checkLines(ndjson, records);

/** What being able to resume costs. Both sync the finished file. */
export const checkpointing = {
  name: 'checkpointing',
  title: 'CSV → NDJSON, with and without checkpoints',
  input: 'flights.csv',
  // Two times that are nearly the same take more runs to tell apart.
  moreRuns: 2,
  entries: [
    {
      label: 'with checkpoints',
      program: 'tranche',
      command: ({ file }) => copyCommand(file, ndjson, '--overwrite'),
      check,
    },
    {
      label: '--no-checkpoint',
      program: 'tranche',
      command: ({ file }) => copyCommand(file, ndjson, '--overwrite', '--no-checkpoint'),
      check,
    },
  ],
  goals: [timeOver('with checkpoints', '--no-checkpoint', { floor: 1.1, aim: 1.03 })],
};
