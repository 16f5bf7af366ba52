import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection } from '#tranche/mysql/driver.js';
import { mysqlPlace, parseMysqlUrl } from '#tranche/mysql/place.js';
import { MariadbServer, missingServer } from '../../helpers/mariadb-server.js';
import { flights, startTranche, tranche } from '../../helpers/program.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingServer;
const RECORDS = 20_000;
const whole = [RECORDS, RECORDS, (RECORDS * (RECORDS + 1)) / 2];

async function rows(url: string, sql: string): Promise<number[]> {
  const connection = await Connection.open(mysqlPlace(parseMysqlUrl(url)));
  try {
    const [row] = await connection.query(sql);
    return Object.values(row ?? {}).map(Number);
  } finally {
    await connection.end();
  }
}

const sums = 'SELECT COUNT(*) AS n, COUNT(DISTINCT id) AS ids, SUM(id) AS sum FROM flights';
const quick = ['--batch-size', '200', '--rate', '10000/s', '-v', '--progress', 'none'];

test('a server that is killed and comes back: a run goes on within its retries', { skip }, async () => {
  const cwd = await temporaryDirectory();
  const server = await MariadbServer.start();
  const url = server.url('flights');
  const patience = ['--retries', '30', '--retry-max-delay', '500ms'];
  const run = startTranche(['copy', flights, url, ...quick, ...patience], { cwd });
  for (let kills = 0; kills < 2; kills++) {
    await run.until(/checkpoint after/);
    await server.kill();
    await run.until(/retry/);
    await server.begin();
  }
  const { code, stderr } = await run.ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(await rows(url, sums), whole);
});

test('a server that stays away ends the run, and --resume goes on', { skip }, async () => {
  const cwd = await temporaryDirectory();
  const server = await MariadbServer.start();
  const url = server.url('flights');
  const hurry = ['--retries', '1', '--retry-delay', '10ms'];
  const run = startTranche(['copy', flights, url, ...quick, ...hurry], { cwd });
  await run.until(/checkpoint after/);
  await server.kill();
  const { code, stderr } = await run.ended;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /gave up after 2 attempts/);
  await server.begin();
  const [written] = await rows(url, 'SELECT `rows` FROM tranche_ledger');
  const [there] = await rows(url, sums);
  assert.equal(there, written);
  const resumed = await tranche(['copy', flights, url, '--resume'], { cwd });
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.deepEqual(await rows(url, sums), whole);
});
