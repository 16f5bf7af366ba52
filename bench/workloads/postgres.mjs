import path from 'node:path';
import { bound, timesAsFast } from '../goals.mjs';
import { checkLines, output } from '../outputs.mjs';
import { places } from '../places.mjs';
import { checkRows, createTable, database, fillTable, otherDatabase, psql } from '../postgres.mjs';
import { copyCommand } from '../programs.mjs';

const csv = output('out.csv');
const ndjson = output('out.ndjson');
const input = 'flights.csv';

const loading = {
  before: () => createTable(database),
  check: ({ records }) => checkRows(database, records),
};
const reading = { prepare: ({ file }) => fillTable(database, file) };
const copying = {
  prepare: ({ file }) => fillTable(database, file),
  before: () => createTable(otherDatabase),
  check: ({ records }) => checkRows(otherDatabase, records),
};

const copyIn = {
  label: 'psql \\copy',
  program: 'psql',
  command: ({ file }) => psql(database, `\\copy flights FROM '${file}' (FORMAT csv, HEADER)`),
  ...loading,
};

/** PostgreSQL in and out, each next to what its own client does in one statement. */
export const postgres = [
  {
    name: 'csv-to-postgres',
    title: 'CSV → PostgreSQL',
    input,
    chart: true,
    entries: [
      {
        label: 'tranche',
        program: 'tranche',
        command: ({ file }) => copyCommand(file, `${database}#flights`),
        ...loading,
      },
      copyIn,
      {
        label: 'pgloader',
        program: 'pgloader',
        command: ({ file }) => [
          'pgloader',
          '--type',
          'csv',
          '--with',
          'skip header = 1',
          file,
          `${database}?tablename=flights`,
        ],
        ...loading,
      },
    ],
    goals: [
      timesAsFast('psql \\copy', { floor: 0.85, aim: 1 }),
      timesAsFast('pgloader', { floor: 10 }),
      modest(),
    ],
  },
  {
    name: 'csv-transform-to-postgres',
    title: 'CSV → PostgreSQL through a JavaScript function',
    input,
    entries: [
      {
        label: 'tranche',
        program: 'tranche',
        command: ({ file }) =>
          copyCommand(file, `${database}#flights`, '--transform', path.join(places.peers, 'same.mjs')),
        ...loading,
      },
      copyIn,
    ],
    goals: [timesAsFast('psql \\copy', { floor: 0.4 }), modest()],
  },
  {
    name: 'postgres-to-csv',
    title: 'PostgreSQL → CSV',
    input,
    chart: true,
    entries: [
      {
        label: 'tranche',
        program: 'tranche',
        command: () => copyCommand(`${database}#flights`, csv, '--overwrite'),
        check: ({ records }) => checkLines(csv, records + 1),
        ...reading,
      },
      {
        label: 'psql \\copy',
        program: 'psql',
        command: () => psql(database, `\\copy flights TO '${csv}' (FORMAT csv, HEADER)`),
        check: ({ records }) => checkLines(csv, records + 1),
      },
    ],
    goals: [timesAsFast('psql \\copy', { floor: 0.8, aim: 1 }), modest()],
  },
  {
    name: 'postgres-to-ndjson',
    title: 'PostgreSQL → NDJSON',
    input,
    entries: [
      {
        label: 'tranche',
        program: 'tranche',
        command: () => copyCommand(`${database}#flights`, ndjson, '--overwrite'),
        check: ({ records }) => checkLines(ndjson, records),
        ...reading,
      },
      {
        label: 'psql row_to_json',
        program: 'psql',
        command: () => psql(database, `\\copy (SELECT row_to_json(flights) FROM flights) TO '${ndjson}'`),
        check: ({ records }) => checkLines(ndjson, records),
      },
    ],
    goals: [timesAsFast('psql row_to_json', { floor: 0.6, aim: 1 }), modest()],
  },
  {
    name: 'postgres-to-postgres',
    title: 'PostgreSQL → PostgreSQL',
    input,
    entries: [
      {
        label: 'tranche',
        program: 'tranche',
        command: () => copyCommand(`${database}#flights`, `${otherDatabase}#flights`),
        ...copying,
      },
      {
        label: 'psql | psql',
        program: 'psql',
        command: () => [
          'sh',
          '-c',
          `psql -qXc 'COPY flights TO STDOUT' ${database} | psql -qXc 'COPY flights FROM STDIN' ${otherDatabase}`,
        ],
        before: copying.before,
        check: copying.check,
      },
    ],
    goals: [timesAsFast('psql | psql', { floor: 0.8, aim: 1 }), modest()],
  },
];

function modest() {
  return bound('peak RSS', 'MB', 'less', { floor: 150 }, results =>
    results.tranche?.rss === undefined || results.tranche.rss === null ? null : results.tranche.rss / 1e6,
  );
}
