import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { after } from 'node:test';
import { tableText } from '#tranche/core/database-url.js';
import type { TrancheError } from '#tranche/core/errors.js';
import type { Records } from '#tranche/core/records.js';
import type { OpenTarget, Written } from '#tranche/core/target.js';
import { PostgresConnection, type TextRow } from '#tranche/postgres/connection.js';
import { connectionSettings, parsePostgresUrl } from '#tranche/postgres/settings.js';
import { createTarget } from '#tranche/targets/index.js';
import type { TargetOptions } from '#tranche/targets/target-kind.js';
import { type CsvCell, csvRecords } from './csv-records.js';
import { columnsOf, opening, writing } from './target-calls.js';

/** The server of the tests: database `test` of the usual port unless told otherwise. */
export const server = process.env['TRANCHE_TEST_POSTGRES'] ?? 'postgres://postgres@127.0.0.1/test';

const parameters = { applicationName: 'tranche test', lockTimeout: 10_000, idleInTransactionTimeout: 60_000 };
const schemas: string[] = [];
let shared: PostgresConnection | undefined;

/** Why there is nothing to test with; false if a server answers. With `CI=true` a missing server is a failure. */
export const missingPostgres: string | false = await connect().then(
  () => false as const,
  (error: TrancheError) => {
    if (process.env['CI'] === 'true') throw error;
    return `no PostgreSQL server: ${error.message}`;
  },
);

after(async () => {
  const connection = shared;
  shared = undefined;
  if (!connection) return;
  for (const schema of schemas) await connection.run(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
  await connection.close();
});

/** A connection of its own. */
export async function openConnection(): Promise<PostgresConnection> {
  return await PostgresConnection.open(
    connectionSettings(parsePostgresUrl(server), undefined),
    parameters,
    server,
  );
}

/** The rows of a query, all values as text. */
export async function query(sql: string, values: readonly unknown[] = []): Promise<TextRow[]> {
  return await (await connect()).query(sql, values);
}

/** Runs statements. */
export async function execute(sql: string): Promise<void> {
  await (await connect()).run(sql);
}

/** A schema that is dropped after the tests of the file. */
export async function newSchema(): Promise<string> {
  const schema = `tranche_test_${randomBytes(6).toString('hex')}`;
  await execute(`CREATE SCHEMA ${schema}`);
  schemas.push(schema);
  return schema;
}

/** Table `t` of a schema of its own: not made yet, unless `definition` says what is in its parentheses. */
export async function newTable(
  definition?: string,
): Promise<{ readonly schema: string; readonly table: string; readonly url: string }> {
  const schema = await newSchema();
  const table = `${schema}.t`;
  if (definition !== undefined) await execute(`CREATE TABLE ${table} (${definition})`);
  return { schema, table, url: `${server}#${table}` };
}

/** Ends every session that writes a table: what the end of its process does. */
export async function endSessions(url: string): Promise<void> {
  const { table } = parsePostgresUrl(url);
  await query(
    `SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND a.application_name = $1 AND a.pid <> pg_backend_pid()`,
    [`tranche ${tableText(table!)}`],
  );
}

/** Writes rows of CSV as a whole job, and answers what became of them. */
export async function load(
  url: string,
  columns: readonly string[],
  rows: readonly (readonly CsvCell[])[],
  options: TargetOptions = {},
): Promise<Written> {
  return await loadRecords(url, columns, csvRecords(rows), options);
}

/** Writes one batch as a whole job. */
export async function loadRecords(
  url: string,
  columns: readonly string[],
  records: Records,
  options: TargetOptions = {},
  changes: Partial<OpenTarget> = {},
): Promise<Written> {
  const target = await createTarget(url, {
    options,
    stdout: new PassThrough(),
    sourceFormat: 'csv',
    reshaped: false,
    timeout: 60_000,
    report: () => undefined,
  });
  try {
    await target.open(opening(columnsOf(...columns), changes));
    const written = await target.write(writing(records));
    await target.sync();
    await target.close(true);
    return written;
  } finally {
    await target.close(false);
  }
}

async function connect(): Promise<PostgresConnection> {
  shared ??= await openConnection();
  return shared;
}
