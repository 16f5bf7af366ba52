import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
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
  'an export whose connection breaks among the rows, again and again, loses and doubles no row',
  options,
  async () => {
    for (const bytes of [5000, 20_011, 50_003]) {
      const directory = await temporaryDirectory();
      const target = join(directory, 'out.csv');
      const { port, close } = await breakingProxy(bytes, 3);
      try {
        const source = database.url('t', { port });
        const plan = { source, target, stateDir: directory, batchSize: 100, retryDelay: 1 };
        const { status, retries, error } = await copy(plan);
        assert.equal(status, 'finished', error?.message);
        assert.ok(retries > 0, `${bytes}`);
        assert.equal(await readFile(target, 'utf8'), expected);
      } finally {
        await close();
      }
    }
  },
);

/** Stands between client and server, and breaks the first so many connections when so many bytes came from the server. */
async function breakingProxy(bytes: number, times: number) {
  const { host, port } = database.place();
  let left = times;
  const server = createServer(client => {
    const upstream = connect(port, host);
    const end = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.on('data', data => upstream.write(data));
    let room = left > 0 ? bytes : Number.POSITIVE_INFINITY;
    upstream.on('data', data => {
      const isLast = data.length > room;
      client.write(isLast ? data.subarray(0, room) : data);
      room -= data.length;
      if (!isLast) return;
      left--;
      client.end(end);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
