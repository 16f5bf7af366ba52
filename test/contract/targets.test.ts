import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createTarget, targets } from '#tranche/targets/index.js';
import type { TargetContext, TargetOptions } from '#tranche/targets/target-kind.js';
import { ApiServer } from '../helpers/http-server.js';
import { ledgerModule, moduleIn, rowsModule } from '../helpers/modules.js';
import { TestDatabase, withoutMysql } from '../helpers/mysql.js';
import { endSessions, missingPostgres, newTable, query as queryPostgres } from '../helpers/postgres.js';
import { query } from '../helpers/sqlite-table.js';
import { temporaryDirectory } from '../helpers/temporary.js';
import { type ContractTarget, type Place, type Row, targetContract } from './target-contract.js';

const mysql = await TestDatabase.make();
const api = await ApiServer.start();
after(() => api.close());
let places = 0;

/** Every target under contract: one line each. `spec` is told a directory of its own. */
const entries: readonly Entry[] = [
  { name: 'none', spec: () => 'none:', read: async () => null },
  { name: 'csv', spec: at => join(at, 'out.csv'), read: async path => csvRows(await readFile(path, 'utf8')) },
  { name: 'csv.gz', spec: at => join(at, 'out.csv.gz'), read: async path => csvRows(await unzipped(path)) },
  {
    name: 'ndjson',
    spec: at => join(at, 'out.ndjson'),
    read: async path => jsonRows(await readFile(path, 'utf8')),
  },
  {
    name: 'ndjson.gz',
    spec: at => join(at, 'out.ndjson.gz'),
    read: async path => jsonRows(await unzipped(path)),
  },
  {
    name: 'append',
    spec: at => join(at, 'out.tsv'),
    options: { append: true },
    read: async path => csvRows(await readFile(path, 'utf8'), '\t'),
  },
  {
    name: 'stdout',
    spec: () => '-',
    options: { toFormat: 'ndjson' },
    read: async (_, stdout) => jsonRows(stdout),
  },
  { name: 'postgres', spec: postgresTable, read: postgresRows, kill: endSessions, skip: missingPostgres },
  { name: 'sqlite', spec: at => `sqlite:${join(at, 'out.db')}#t`, read: sqliteRows },
  { name: 'http', spec: newEndpoint, read: endpointRows },
  { name: 'http, csv', spec: newEndpoint, options: { body: 'csv' }, read: endpointRows },
  { name: 'http, a record a request', spec: newEndpoint, options: { perRecord: true }, read: endpointRows },
  { name: 'mysql', spec: () => mysql.url(`t${places++}`), read: mysqlRows, skip: withoutMysql },
  { name: 'module', spec: at => moduleIn(at, rowsModule), read: async path => linesBeside(path) },
  {
    name: 'module with a ledger',
    spec: at => moduleIn(at, ledgerModule),
    read: async path => sqliteRows(`sqlite:${join(dirname(path), 'rows.db')}#t`),
  },
  { name: 'exec', spec: at => `exec:cat >> ${at}/rows.ndjson`, read: async spec => linesBeside(spec) },
  {
    name: 'exec with CSV',
    spec: at => `exec:tail -n +2 | sed 's/.*/{"id":"&"}/; s/,/","name":"/' >> ${at}/rows.ndjson`,
    options: { toFormat: 'csv' },
    read: async spec => linesBeside(spec),
  },
  {
    name: 'exec in stream mode',
    spec: at =>
      `exec:while IFS= read -r line; do [ -z "$line" ] && echo ok || echo "$line" >> ${at}/rows.ndjson; done`,
    options: { execMode: 'stream' },
    read: async spec => linesBeside(spec),
  },
];

interface Entry {
  readonly name: string;
  readonly spec: (directory: string) => string | Promise<string>;
  readonly options?: TargetOptions;
  readonly read: (spec: string, stdout: string) => Promise<readonly Row[] | null>;
  readonly kill?: (spec: string) => Promise<void>;
  /** Why it cannot be tested here. */
  readonly skip?: string | false;
}

for (const entry of entries) {
  if (entry.skip) test(entry.name, { skip: entry.skip }, () => undefined);
  else targetContract(underContract(entry));
}

test('every registered target is under contract', async () => {
  const at = await temporaryDirectory();
  const specs = await Promise.all(entries.filter(({ skip }) => !skip).map(({ spec }) => spec(at)));
  const skipped = entries.flatMap(({ skip, name }) => (skip ? [`${name}://`] : []));
  const kinds = [...specs, ...skipped].map(spec => targets.find(({ accepts }) => accepts(spec)));
  assert.deepEqual(new Set(kinds), new Set(targets));
});

function underContract({ name, spec, options = {}, read, kill }: Entry): ContractTarget {
  return {
    name,
    place: async (): Promise<Place> => {
      const place = await spec(await temporaryDirectory());
      const stdout = new PassThrough();
      let text = '';
      stdout.setEncoding('utf8').on('data', piece => {
        text += piece;
      });
      const context: TargetContext = {
        options,
        stdout,
        sourceFormat: 'csv',
        reshaped: false,
        timeout: 60_000,
        report: () => undefined,
      };
      return {
        target: async () => await createTarget(place, context),
        rows: async () => await read(place, text),
        ...(kill ? { kill: async () => await kill(place) } : {}),
      };
    },
  };
}

function csvRows(text: string, delimiter = ','): Row[] {
  const lines = text.split('\n');
  assert.equal(lines.shift(), ['id', 'name'].join(delimiter));
  assert.equal(lines.pop(), '', 'the last line ends');
  return lines.map(line => line.split(delimiter) as unknown as Row);
}

function jsonRows(text: string): Row[] {
  const lines = text.split('\n');
  assert.equal(lines.pop(), '', 'the last line ends');
  return lines.map(line => {
    const { id, name } = JSON.parse(line) as { id: number; name: string };
    return [String(id), name];
  });
}

/** Rows that a module or a command added to a file in the directory that `spec` names. */
async function linesBeside(spec: string): Promise<Row[]> {
  const [directory] = /\/[^ ]*\/tranche-[^/]*/.exec(spec)!;
  const path = join(directory!, 'rows.ndjson');
  return existsSync(path) ? jsonRows(await readFile(path, 'utf8')) : [];
}

async function unzipped(path: string): Promise<string> {
  return gunzipSync(await readFile(path)).toString();
}

async function sqliteRows(spec: string): Promise<Row[]> {
  const path = spec.slice('sqlite:'.length, spec.lastIndexOf('#'));
  const rows = await query(path, 'SELECT id, name FROM t ORDER BY rowid');
  return rows.map(([id, name]) => [String(id), name as string]);
}

async function mysqlRows(spec: string): Promise<Row[]> {
  const rows = await mysql.rows(
    `SELECT id, name FROM \`${spec.slice(spec.lastIndexOf('#') + 1)}\` ORDER BY id`,
  );
  return rows.map(([id, name]) => [String(id), name as string]);
}

async function postgresTable(): Promise<string> {
  return (await newTable()).url;
}

async function postgresRows(spec: string): Promise<Row[]> {
  const [schema, table] = spec.slice(spec.indexOf('#') + 1).split('.');
  const rows = await queryPostgres(`SELECT id, name FROM ${schema}.${table} ORDER BY ctid`);
  return rows.map(({ id, name }) => [id, name] as unknown as Row);
}

function newEndpoint(): string {
  return `${api.url}/${places++}`;
}

async function endpointRows(spec: string): Promise<Row[]> {
  const requests = api.requests.filter(({ path }) => spec === api.url + path);
  return requests.flatMap(({ headers, body, records }) =>
    headers['content-type']?.startsWith('text/csv')
      ? csvRows(body)
      : records.map(({ id, name }) => [String(id), name] as Row),
  );
}
