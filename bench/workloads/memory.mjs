import { bound, ratio } from '../goals.mjs';
import { createFlightsTable, output } from '../outputs.mjs';
import { copyCommand } from '../programs.mjs';

const floorBytes = 130e6;
const aimBytes = 90e6;

const database = output('flights.db');
const toTable = {
  before: () => createFlightsTable(database),
  command: ({ file }) => copyCommand(file, `sqlite:${database}#flights`, '--mode', 'append'),
};
const toFile = name => ({ command: ({ file }) => copyCommand(file, output(name), '--overwrite') });

const copies = [
  { title: 'CSV → NDJSON', input: 'flights.csv', ...toFile('out.ndjson') },
  { title: 'quoted CSV → NDJSON', input: 'quoted.csv', ...toFile('out.ndjson') },
  { title: 'NDJSON → CSV', input: 'flights.ndjson', ...toFile('out.csv') },
  { title: 'CSV → SQLite', input: 'flights.csv', ...toTable },
];

/** Peak RSS, and that it does not grow with the input. */
export const memory = {
  name: 'memory',
  title: 'Peak memory, and with ten times the input',
  input: 'flights.csv',
  mostRuns: 2,
  entries: copies.flatMap(({ title, ...copy }) => [
    { label: title, program: 'tranche', ...copy },
    { label: `${title}, 10×`, program: 'tranche', ...copy, tenfold: true },
  ]),
  goals: copies.flatMap(({ title }) => [
    bound(
      `${title}: peak RSS`,
      'bytes',
      'less',
      { floor: floorBytes, aim: aimBytes },
      results => results[title]?.rss ?? null,
    ),
    bound(`${title}: peak RSS, 10× ÷ 1×`, '×', 'less', { floor: 1.1 }, results =>
      ratio(results[`${title}, 10×`]?.rss ?? undefined, results[title]?.rss ?? undefined),
    ),
  ]),
};
