import { bound, timesAsFast } from '../goals.mjs';
import { copyCommand } from '../programs.mjs';

const command = 'cat >/dev/null';
const batch = ['--batch-size', '10000'];

/** A command for every 10,000 records. Both hand on lines of CSV; tranche checks them, and checkpoints each batch. */
export const csvToExec = {
  name: 'csv-to-exec',
  title: 'CSV → a command, 10,000 records at a time',
  input: 'flights.csv',
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: ({ file }) => copyCommand(file, `exec:${command}`, ...batch, '--to-format', 'csv'),
    },
    {
      label: 'tranche, as NDJSON',
      program: 'tranche',
      command: ({ file }) => copyCommand(file, `exec:${command}`, ...batch),
    },
    {
      label: '64 in flight',
      program: 'tranche',
      command: ({ file }) => copyCommand(file, `exec:sleep 0.5; ${command}`, '-j', '64', '--limit', '500000'),
    },
    {
      label: 'parallel',
      program: 'parallel',
      command: ({ file }) => ['sh', '-c', 'parallel --pipe -N10000 "$0" < "$1"', command, file],
    },
  ],
  goals: [
    timesAsFast('parallel', { floor: 0.8, aim: 1 }),
    bound(
      '64 in flight: peak RSS',
      'bytes',
      'less',
      { floor: 150e6 },
      results => results['64 in flight']?.rss ?? null,
    ),
  ],
};
