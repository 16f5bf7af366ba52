import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { type Cut, mysqlMessage, startProxy } from '../../helpers/cutting-proxy.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();
const ROWS = 5000;

const expected = `id,v\n${Array.from({ length: ROWS }, (_, i) => `${i + 1},row ${i + 1}\n`).join('')}`;

/** Exports through a proxy that cuts, again until it is done. */
async function exported(cut: Cut | null): Promise<number> {
  const { host, port } = database.place();
  const proxy = await startProxy({ host, port }, cut, mysqlMessage);
  const directory = await temporaryDirectory();
  const target = join(directory, 'out.csv');
  const plan = {
    source: database.url('t', { port: proxy.port }),
    target,
    job: 'nightly',
    stateDir: directory,
    batchSize: 700,
    retryDelay: 1,
    resume: true,
  } as const;
  try {
    let summary: Awaited<ReturnType<typeof copy>> | undefined;
    for (let run = 0; run < 3 && summary?.status !== 'finished'; run++) {
      summary = await copy(plan).catch(() => undefined);
    }
    assert.equal(summary?.status, 'finished', summary?.error?.message);
    assert.equal(await readFile(target, 'utf8'), expected, JSON.stringify(cut));
    return proxy.messages;
  } finally {
    await proxy.close();
  }
}

test('an export loses and doubles no row wherever the connection is cut', options, async () => {
  await database.run('DROP TABLE IF EXISTS t', 'CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20))');
  const values = Array.from({ length: ROWS }, (_, i) => `(${i + 1}, 'row ${i + 1}')`);
  await database.run(`INSERT INTO t VALUES ${values.join(', ')}`);
  const messages = await exported({ message: Number.POSITIVE_INFINITY, when: 'before' });
  assert.ok(messages > 5, `${messages}`);
  for (let message = 0; message < messages; message++) {
    for (const when of ['before', 'after'] as const) await exported({ message, when });
  }
});

test(
  'an export whose connection the server kills, again and again, loses and doubles no row',
  options,
  async () => {
    // More than waits in the network's memory.
    await database.run(
      'DROP TABLE IF EXISTS large',
      'CREATE TABLE large (id INT PRIMARY KEY, v VARCHAR(1000))',
      "INSERT INTO large SELECT a.id * 100 + b.id, REPEAT('x', 1000) FROM t AS a JOIN t AS b WHERE a.id <= 200 AND b.id <= 100",
    );
    const directory = await temporaryDirectory();
    const target = join(directory, 'out.csv');
    let kills = 0;
    const plan = {
      source: database.url('large'),
      target,
      stateDir: directory,
      batchSize: 1000,
      retryDelay: 1,
    };
    const { status, retries, error } = await copy(plan, {
      report: event => {
        if (event.type === 'progress' && kills++ < 3) void killReaders();
      },
    });
    assert.equal(status, 'finished', error?.message);
    assert.ok(retries > 0, 'nothing was killed');
    const lines = (await readFile(target, 'utf8')).trimEnd().split('\n').slice(1);
    assert.deepEqual(
      lines.map(line => line.replace(/,x{1000}$/, '')),
      Array.from({ length: 20_000 }, (_, i) => String(i + 101)),
    );
  },
);

async function killReaders(): Promise<void> {
  const readers = await database.rows(
    `SELECT ID FROM information_schema.PROCESSLIST WHERE DB = '${database.name}' AND ID <> CONNECTION_ID()`,
  );
  for (const [id] of readers) await database.run(`KILL ${Number(id)}`).catch(() => undefined);
}
