import { timesAsFast } from '../goals.mjs';
import { checkLines, output } from '../outputs.mjs';
import { copyCommand, peerCommand } from '../programs.mjs';

const ndjson = output('out.ndjson');
const csv = output('out.csv');

const tranche = (to, ...words) => ({
  label: 'tranche',
  program: 'tranche',
  command: ({ file }) => copyCommand(file, to, '--overwrite', ...words),
});

const miller = (to, ...words) => ({
  label: 'Miller',
  program: 'miller',
  command: ({ file }) => ['mlr', ...words, file],
  stdout: to,
});

const duckdb = (select, to, format) => ({
  label: 'DuckDB',
  program: 'duckdb',
  command: ({ file }) => peerCommand('duckdb.mjs', `COPY (${select(file)}) TO '${to}' (FORMAT ${format})`),
});

const toNdjson = { check: ({ records }) => checkLines(ndjson, records) };
const toCsv = { check: ({ records }) => checkLines(csv, records + 1) };

/** File to file: the whole process, from its start to its exit. */
export const conversions = [
  {
    name: 'csv-to-ndjson',
    title: 'CSV → NDJSON',
    input: 'flights.csv',
    chart: true,
    entries: [
      { ...tranche(ndjson), ...toNdjson },
      { ...duckdb(file => `FROM read_csv('${file}')`, ndjson, 'json'), ...toNdjson },
      { ...miller(ndjson, '--icsv', '--ojsonl', 'cat'), ...toNdjson },
      {
        label: 'fast-csv, CSV → CSV',
        program: 'fastCsv',
        command: ({ file }) => peerCommand('fast-csv-copy.mjs', file, csv),
        // It ends without a newline.
        check: ({ records }) => checkLines(csv, records),
      },
    ],
    goals: [
      timesAsFast('DuckDB', { floor: 0.8, aim: 1 }),
      timesAsFast('Miller', { floor: 3 }),
      timesAsFast('fast-csv, CSV → CSV', { floor: 10 }),
    ],
  },
  {
    name: 'quoted-csv-to-ndjson',
    title: 'CSV with quotes and newlines → NDJSON',
    input: 'quoted.csv',
    chart: true,
    entries: [
      { ...tranche(ndjson), ...toNdjson },
      { ...duckdb(file => `FROM read_csv('${file}')`, ndjson, 'json'), ...toNdjson },
      { ...miller(ndjson, '--icsv', '--ojsonl', 'cat'), ...toNdjson },
    ],
    goals: [timesAsFast('DuckDB', { floor: 0.5, aim: 1 }), timesAsFast('Miller', { floor: 2 })],
  },
  {
    name: 'ndjson-to-csv',
    title: 'NDJSON → CSV',
    input: 'flights.ndjson',
    chart: true,
    entries: [
      { ...tranche(csv), ...toCsv },
      { ...duckdb(file => `FROM read_ndjson('${file}')`, csv, 'csv, HEADER'), ...toCsv },
      { ...miller(csv, '--ijsonl', '--ocsv', 'cat'), ...toCsv },
    ],
    goals: [timesAsFast('DuckDB', { floor: 0.5, aim: 1 }), timesAsFast('Miller', { floor: 6 })],
  },
  {
    name: 'csv-select',
    title: 'CSV → CSV, 3 columns of 6',
    input: 'flights.csv',
    chart: true,
    entries: [
      { ...tranche(csv, '--select', 'date,origin,delay'), ...toCsv },
      {
        ...duckdb(file => `SELECT date, origin, delay FROM read_csv('${file}')`, csv, 'csv, HEADER'),
        ...toCsv,
      },
      { ...miller(csv, '--icsv', '--ocsv', 'cut', '-o', '-f', 'date,origin,delay'), ...toCsv },
    ],
    goals: [timesAsFast('DuckDB', { floor: 0.6, aim: 1 }), timesAsFast('Miller', { floor: 2.5 })],
  },
];
