import path from 'node:path';
import { bound, ratio, timesAsFast } from '../goals.mjs';
import { checkLines, output } from '../outputs.mjs';
import { places } from '../places.mjs';
import { copyCommand, peerCommand } from '../programs.mjs';

const ndjson = output('out.ndjson');
const check = ({ records }) => checkLines(ndjson, records);

/** A function of the user's, called for every record. */
export const csvTransform = {
  name: 'csv-transform',
  title: 'CSV → NDJSON through a JavaScript function',
  input: 'flights.csv',
  chart: true,
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: ({ file }) =>
        copyCommand(file, ndjson, '--overwrite', '--transform', path.join(places.peers, 'late.mjs')),
      check,
    },
    {
      label: 'fast-csv',
      program: 'fastCsv',
      command: ({ file }) => peerCommand('fast-csv-transform.mjs', file, ndjson),
      check,
    },
  ],
  goals: [
    timesAsFast('fast-csv', { floor: 5 }),
    bound('throughput', 'records/s', 'more', { aim: 1_000_000 }, (results, input) =>
      ratio(input.records, results.tranche?.seconds),
    ),
  ],
};
