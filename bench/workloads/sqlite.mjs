import { timesAsFast } from '../goals.mjs';
import { checkTable, createFlightsTable, output } from '../outputs.mjs';
import { copyCommand } from '../programs.mjs';

const file = output('flights.db');
const table = {
  before: () => createFlightsTable(file),
  check: ({ records }) => checkTable(file, records),
};

/** Into a table that is there already, so that both programs store the same types. */
export const csvToSqlite = {
  name: 'csv-to-sqlite',
  title: 'CSV → SQLite',
  input: 'flights.csv',
  chart: true,
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: input => copyCommand(input.file, `sqlite:${file}#flights`, '--mode', 'append'),
      ...table,
    },
    {
      label: 'sqlite3 .import',
      program: 'sqlite',
      command: input => ['sqlite3', file, `.import --csv --skip 1 '${input.file}' flights`],
      ...table,
    },
  ],
  goals: [timesAsFast('sqlite3 .import', { floor: 0.85, aim: 1 })],
};
