import path from 'node:path';
import { bound, ratio, timesAsFast } from '../goals.mjs';
import { places } from '../places.mjs';
import { copyCommand, peerCommand } from '../programs.mjs';

/** Batches of 1,000 records, as objects, for a function of the user's. */
export const csvToModule = {
  name: 'csv-to-module',
  title: 'CSV → a JavaScript function, 1,000 records at a time',
  input: 'flights.csv',
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: ({ file }) => copyCommand(file, path.join(places.peers, 'nothing.mjs')),
    },
    {
      label: 'fast-csv',
      program: 'fastCsv',
      command: ({ file }) => peerCommand('fast-csv-batches.mjs', file),
    },
  ],
  goals: [
    timesAsFast('fast-csv', { floor: 4 }),
    bound('throughput', 'records/s', 'more', { floor: 1_500_000 }, (results, input) =>
      ratio(input.records, results.tranche?.seconds),
    ),
  ],
};
