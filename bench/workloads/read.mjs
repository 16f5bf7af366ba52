import { bound, ratio } from '../goals.mjs';
import { copyCommand, peerCommand } from '../programs.mjs';

/** Reading, decoding and checking alone; the others are there for scale. */
export const csvToNone = {
  name: 'csv-to-none',
  title: 'CSV, read and checked',
  input: 'flights.csv',
  chart: true,
  entries: [
    { label: 'tranche', program: 'tranche', command: ({ file }) => copyCommand(file, 'none:') },
    { label: 'wc -l', program: 'wc', command: ({ file }) => ['wc', '-l', file] },
    {
      label: 'a loop over the bytes',
      program: 'node',
      command: ({ file }) => peerCommand('byte-loop.mjs', file),
    },
    { label: 'csv-parse', program: 'csvParse', command: ({ file }) => peerCommand('csv-parse.mjs', file) },
  ],
  goals: [
    bound('throughput', 'MB/s', 'more', { floor: 300 }, (results, input) =>
      ratio(input.bytes / 1e6, results.tranche?.seconds),
    ),
    bound('speed ÷ a loop over the bytes', '×', 'more', { aim: 1 }, results =>
      ratio(results['a loop over the bytes']?.seconds, results.tranche?.seconds),
    ),
  ],
};
