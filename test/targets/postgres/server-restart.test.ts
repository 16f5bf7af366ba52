import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PostgresConnection, type TextRow } from '#tranche/postgres/connection.js';
import { connectionSettings, parsePostgresUrl } from '#tranche/postgres/settings.js';
import { missingCluster, PostgresCluster } from '../../helpers/postgres-cluster.js';
import { flights, startTranche, tranche } from '../../helpers/program.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingCluster;
const RECORDS = 20_000;
const whole = { n: String(RECORDS), ids: String(RECORDS), sum: String((RECORDS * (RECORDS + 1)) / 2) };

async function query(url: string, sql: string): Promise<TextRow[]> {
  const parameters = { applicationName: 'test', lockTimeout: 10_000, idleInTransactionTimeout: 60_000 };
  const settings = connectionSettings(parsePostgresUrl(url), undefined);
  const connection = await PostgresConnection.open(settings, parameters, url);
  try {
    return await connection.query(sql);
  } finally {
    await connection.close();
  }
}

const sums = (table: string) =>
  `SELECT count(*) AS n, count(DISTINCT id) AS ids, sum(id) AS sum FROM ${table}`;
const columns = 'date timestamp, delay bigint, distance bigint, origin text, destination text';
const tables = {
  plain: `id bigint, ${columns}`,
  'with a key': `id bigint PRIMARY KEY, ${columns}`,
};

for (const [name, definition] of Object.entries(tables)) {
  test(`a server that is killed and comes back: a run goes on within its retries (table ${name})`, {
    skip,
  }, async () => {
    const cwd = await temporaryDirectory();
    const cluster = await PostgresCluster.start();
    await query(cluster.url, `CREATE TABLE flights (${definition})`);
    const words = [
      'copy',
      flights,
      `${cluster.url}#flights`,
      '--batch-size',
      '200',
      '--retry-max-delay',
      '500ms',
    ];
    const run = startTranche([...words, '--rate', '10000/s', '--retries', '30', '-v', '--progress', 'none'], {
      cwd,
    });
    for (const signal of ['SIGQUIT', 'SIGKILL'] as const) {
      await run.until(/checkpoint after/);
      await cluster.end(signal);
      await run.until(/retry/);
      await cluster.begin();
    }
    const { code, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    assert.deepEqual(await query(cluster.url, sums('flights')), [whole]);
  });

  test(`a server that stays away ends the run, and --resume goes on (table ${name})`, { skip }, async () => {
    const cwd = await temporaryDirectory();
    const cluster = await PostgresCluster.start();
    await query(cluster.url, `CREATE TABLE flights (${definition})`);
    const words = ['copy', flights, `${cluster.url}#flights`, '--batch-size', '200', '--resume'];
    const hurry = [
      '--rate',
      '10000/s',
      '--retries',
      '1',
      '--retry-delay',
      '10ms',
      '-v',
      '--progress',
      'none',
    ];
    const run = startTranche([...words, ...hurry], { cwd });
    await run.until(/checkpoint after/);
    await cluster.end('SIGKILL');
    const { code, stderr } = await run.ended;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /gave up after 2 attempts/);
    await cluster.begin();
    const [before] = await query(cluster.url, `${sums('flights')}`);
    const [{ rows } = {}] = await query(cluster.url, 'SELECT "rows" FROM tranche_ledger');
    assert.equal(before!['n'], rows);
    const resumed = await tranche(words, { cwd });
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(await query(cluster.url, sums('flights')), [whole]);
  });
}
