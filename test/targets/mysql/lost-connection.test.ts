import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import type { Summary } from '#tranche/core/events.js';
import { type Cut, mysqlMessage, startProxy } from '../../helpers/cutting-proxy.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();
const RECORDS = 25;
/** More than a small job has. */
const MOST_PACKETS = 400;

for (const when of ['before', 'after'] as const) {
  test(
    `no row is lost or doubled wherever the connection is cut: ${when} the answer to each packet`,
    options,
    async () => {
      const directory = await temporaryDirectory();
      const source = join(directory, 'rows.csv');
      // One of them is refused: what becomes of rejects is part of it.
      const rows = Array.from({ length: RECORDS }, (_, i) => `${i === 12 ? 'x' : i},row ${i}\n`);
      await writeFile(source, `id,name\n${rows.join('')}`);
      let cuts = 0;
      for (let packet = 0; packet < MOST_PACKETS; packet++) {
        const was = await runThrough({ message: packet, when }, source, join(directory, `${when}-${packet}`));
        if (!was) break;
        cuts++;
      }
      assert.ok(cuts > 30 && cuts < MOST_PACKETS - 1, `${cuts} cuts`);
    },
  );
}

/** Runs a job through a proxy that cuts, again until it is done, and checks the table. Whether the connection was cut. */
async function runThrough(cut: Cut, source: string, stateDir: string): Promise<boolean> {
  await database.run('DROP TABLE IF EXISTS t, tranche_ledger');
  const { host, port } = database.place();
  const proxy = await startProxy({ host, port }, cut, mysqlMessage);
  const plan = {
    source,
    target: database.url('t', { port: proxy.port }),
    job: 'nightly',
    stateDir,
    batchSize: 13,
    retryDelay: 1,
    maxErrors: { count: 5 },
    types: { others: 'infer', declared: { id: 'integer' } },
  } as const;
  try {
    // What goes wrong before the first batch ends a run, and is left to the next one.
    await copy(plan).catch(() => undefined);
    const hasCut = proxy.messages > cut.message;
    // By itself, if the proxy has not cut anything yet.
    const target = hasCut ? plan.target : database.url('t');
    const summary = await copy({ ...plan, target, resume: true });
    await check(summary, `packet ${cut.message}, ${cut.when}`);
    return hasCut;
  } finally {
    await proxy.close();
  }
}

/** Everything is there once, and accounted for. */
async function check({ status, counts, error }: Summary, at: string): Promise<void> {
  assert.equal(status, 'finished', `${at}: ${error?.message}`);
  assert.deepEqual([counts.read, counts.written, counts.rejected], [RECORDS, RECORDS - 1, 1], at);
  const rows = await database.rows('SELECT id, name FROM t ORDER BY id');
  const expected = Array.from({ length: RECORDS }, (_, i) => [String(i), `row ${i}`]).toSpliced(12, 1);
  assert.deepEqual(rows, expected, at);
}
