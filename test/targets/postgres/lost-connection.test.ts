import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { parsePostgresUrl } from '#tranche/postgres/settings.js';
import { every } from '../../crash/extent.js';
import { type Cut, postgresMessage, startProxy } from '../../helpers/cutting-proxy.js';
import { execute, missingPostgres, newTable, query, server } from '../../helpers/postgres.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingPostgres;
const RECORDS = 20;

/** Copies a small file through a proxy, going on with `--resume` until it is finished; answers the messages that were sent. */
async function copyThroughProxy(cut: Cut | null): Promise<number> {
  const directory = await temporaryDirectory();
  const { url, table } = await newTable('id bigint PRIMARY KEY, v text NOT NULL');
  await execute(`INSERT INTO ${table} VALUES (-1, '')`);
  const source = join(directory, 'in.csv');
  // One record of each batch is refused by the server, one by ourselves, and one cannot be read.
  const lines = Array.from({ length: RECORDS }, (_, i) => {
    if (i % 10 === 3) return '-1,twice';
    if (i % 10 === 5) return 'x,no number';
    return i % 10 === 7 ? `${i}` : `${i},row ${i}`;
  });
  await writeFile(source, `id,v\n${lines.join('\n')}\n`);
  const { host, port } = parsePostgresUrl(server);
  const proxy = await startProxy({ host: host ?? '127.0.0.1', port: port ?? 5432 }, cut, postgresMessage);
  const target = url.replace(/@[^/]*/, `@127.0.0.1:${proxy.port}`);
  const plan = {
    source,
    target,
    stateDir: join(directory, 'state'),
    job: 'cut',
    resume: true,
    batchSize: 10,
    retryDelay: 1,
    maxErrors: { percent: 100 },
  } as const;
  try {
    let summary: Awaited<ReturnType<typeof copy>> | undefined;
    for (let run = 0; run < 3 && summary?.status !== 'finished'; run++) {
      summary = await copy(plan).catch(error => {
        // The very first connection: nothing had begun.
        if (error.kind !== 'transient') throw error;
        return undefined;
      });
    }
    assert.equal(summary?.status, 'finished', summary?.error?.message);
    const rows = await query(`SELECT id, v FROM ${table} WHERE id >= 0 ORDER BY id`);
    const expected = lines.filter(line => /row/.test(line)).map(line => line.split(','));
    assert.deepEqual(
      rows.map(({ id, v }) => [id, v]),
      expected,
    );
    const { read, written, rejected } = summary.counts;
    assert.deepEqual([read, written, rejected], [RECORDS, 14, 6]);
    const rejects = (await readFile(join(directory, 'state/cut/rejects.ndjson'), 'utf8'))
      .trimEnd()
      .split('\n');
    const numbers = rejects.map(line => (JSON.parse(line) as { record: number }).record);
    assert.deepEqual(
      numbers,
      lines.flatMap((line, i) => (/row/.test(line) ? [] : [i + 1])),
    );
    return proxy.messages;
  } finally {
    await proxy.close();
  }
}

test('the connection is cut before and after each message of the client: nothing is lost or doubled', {
  skip,
  concurrency: 4,
}, async t => {
  const messages = await copyThroughProxy(null);
  assert.ok(messages > 30, `${messages}`);
  // All of them take minutes: in `npm run test:crash`.
  const cuts = Array.from({ length: messages }, (_, message) => message).filter(
    message => every || message % 9 === 0,
  );
  await Promise.all(
    cuts.flatMap(message =>
      (['before', 'after'] as const).map(when =>
        t.test(`${when} message ${message}`, () => copyThroughProxy({ message, when }).then(() => undefined)),
      ),
    ),
  );
});
