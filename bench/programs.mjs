import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { places } from './places.mjs';
import { postgresVersion } from './postgres.mjs';

const state = path.join(places.outputs, 'state');

/** The program that is measured, as it is installed. */
export const trancheCommand = words => [process.execPath, places.program, ...words];

/** `tranche copy` with its defaults: checkpoints, rejects and fsync as users have them. */
export const copyCommand = (source, target, ...words) =>
  trancheCommand(['copy', source, target, '--fresh', '--progress', 'none', '--state-dir', state, ...words]);

/** A script of bench/peers/. */
export const peerCommand = (script, ...words) => [
  process.execPath,
  path.join(places.peers, script),
  ...words,
];

/** Every program that takes part. `version` answers null where it is missing. */
export const programs = {
  tranche: { name: 'tranche', version: trancheVersion },
  miller: { name: 'Miller', version: () => versionOf('mlr', '--version')?.replace('mlr ', '') ?? null },
  duckdb: { name: 'DuckDB', version: () => packageVersion('@duckdb/node-api') },
  fastCsv: { name: 'fast-csv', version: () => packageVersion('fast-csv') },
  csvParse: { name: 'csv-parse', version: () => packageVersion('csv-parse') },
  sqlite: { name: 'sqlite3', version: () => versionOf('sqlite3', '--version')?.split(' ')[0] ?? null },
  // Only where there is a server to talk to.
  psql: { name: 'psql', version: postgresVersion },
  pgloader: {
    name: 'pgloader',
    version: () => versionOf('pgloader', '--version')?.split('"')[1] ?? null,
  },
  mariadb: { name: 'MariaDB', version: mariadbVersion },
  parallel: {
    name: 'GNU parallel',
    version: () => versionOf('parallel', '--version')?.replace('GNU parallel ', '') ?? null,
  },
  autocannon: { name: 'autocannon', version: () => packageVersion('autocannon') },
  wc: { name: 'wc', version: () => versionOf('wc', '--version')?.replace('wc ', '') ?? null },
  node: { name: 'Node.js', version: () => process.version },
};

/** The machine, as far as it explains the figures. */
export function describeMachine() {
  const cpus = os.cpus();
  return {
    processor: cpus[0]?.model.trim() ?? 'unknown',
    cores: cpus.length,
    memory: os.totalmem(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
  };
}

/** The commit that is measured; null outside a clone. */
export function commit() {
  const { status, stdout } = spawnSync('git', ['-C', places.bench, 'describe', '--always', '--dirty']);
  return status === 0 ? String(stdout).trim() : null;
}

function trancheVersion() {
  if (!fs.existsSync(places.build)) return null;
  return versionOf(...trancheCommand(['--version']));
}

function versionOf(command, ...words) {
  const { status, stdout } = spawnSync(command, words);
  return status === 0 ? String(stdout).split('\n')[0].trim() : null;
}

/** Null without a client, or where no server of the usual place lets it in. */
function mariadbVersion() {
  const { hostname, port, username, password } = new URL(
    process.env.TRANCHE_TEST_MYSQL ?? 'mysql://root@127.0.0.1:3306/test',
  );
  const words = [
    `--host=${hostname}`,
    `--port=${port || 3306}`,
    `--user=${username}`,
    `--password=${password}`,
  ];
  return versionOf('mariadb', ...words, '--skip-column-names', '-e', 'SELECT VERSION()');
}

function packageVersion(name) {
  for (const folder of createRequire(import.meta.url).resolve.paths(name)) {
    const manifest = path.join(folder, name, 'package.json');
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, 'utf8')).version;
  }
  return null;
}
