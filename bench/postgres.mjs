import { spawnSync } from 'node:child_process';

/** The server that takes part: a database of its own is made there, called `tranche_bench`, and a second one to copy to. */
const server = process.env.TRANCHE_BENCH_POSTGRES ?? 'postgres://postgres@127.0.0.1';
export const database = `${server}/tranche_bench`;
export const otherDatabase = `${server}/tranche_bench_other`;

const flights =
  'id bigint PRIMARY KEY, date timestamp, delay bigint, distance bigint, origin text, destination text';

/** psql with one statement or more. */
export const psql = (url, ...statements) => [
  'psql',
  '-qX',
  '-v',
  'ON_ERROR_STOP=1',
  ...statements.flatMap(statement => ['-c', statement]),
  url,
];

/** The version of the server, null if none answers. */
export function postgresVersion() {
  const { status, stdout } = spawnSync('psql', ['-qXAt', '-c', 'SHOW server_version', `${server}/postgres`]);
  return status === 0 ? String(stdout).split(' ')[0].trim() : null;
}

/** An empty table of flights in a database that is made if it is missing. Without a key, for loading; a table to be read has one. */
export function createTable(url, { key = false, table = 'flights' } = {}) {
  const name = url.slice(url.lastIndexOf('/') + 1);
  spawnSync(...split(psql(`${server}/postgres`, `CREATE DATABASE ${name}`)));
  const columns = key ? flights : flights.replace(' PRIMARY KEY', '');
  run(psql(url, `DROP TABLE IF EXISTS ${table}, tranche_ledger`, `CREATE TABLE ${table} (${columns})`));
}

/** A table to be read: filled, with its key, and settled. */
export function fillTable(url, file) {
  createTable(url, { key: true });
  run(
    psql(url, `\\copy flights FROM '${file}' (FORMAT csv, HEADER)`, 'VACUUM ANALYZE flights', 'CHECKPOINT'),
  );
}

/** Throws unless the table has so many rows. */
export function checkRows(url, rows, table = 'flights') {
  const { stdout } = spawnSync('psql', ['-qXAt', '-c', `SELECT count(*) FROM ${table}`, url]);
  if (Number(stdout) !== rows) throw new Error(`${table} has ${String(stdout).trim()} rows, not ${rows}`);
}

function run(command) {
  const { status, stderr } = spawnSync(...split(command));
  if (status !== 0) throw new Error(String(stderr));
}

function split([file, ...words]) {
  return [file, words];
}
