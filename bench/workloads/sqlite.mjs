import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { timesAsFast } from '../goals.mjs';
import { checkLines, checkTable, createFlightsTable, output } from '../outputs.mjs';
import { places } from '../places.mjs';
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

/** The table that is exported; made once, and not among the outputs, which are emptied before each run. */
const stored = path.join(places.data, 'flights.db');

const exported = {
  prepare: input => {
    fs.rmSync(stored, { force: true });
    createFlightsTable(stored);
    const { status, stderr } = spawnSync('sqlite3', [
      stored,
      `.import --csv --skip 1 '${input.file}' flights`,
    ]);
    if (status !== 0) throw new Error(String(stderr));
  },
};

export const sqliteToCsv = {
  name: 'sqlite-to-csv',
  title: 'SQLite → CSV',
  input: 'flights.csv',
  chart: true,
  entries: [
    {
      label: 'tranche',
      program: 'tranche',
      command: () => copyCommand(`sqlite:${stored}#flights`, output('flights.csv'), '--overwrite'),
      check: ({ records }) => checkLines(output('flights.csv'), records + 1),
      ...exported,
    },
    {
      label: 'sqlite3 -csv',
      program: 'sqlite',
      command: () => ['sqlite3', '-csv', '-header', stored, 'SELECT * FROM flights'],
      stdout: output('flights.csv'),
      check: ({ records }) => checkLines(output('flights.csv'), records + 1),
      ...exported,
    },
  ],
  goals: [timesAsFast('sqlite3 -csv', { floor: 0.7, aim: 1 })],
};
