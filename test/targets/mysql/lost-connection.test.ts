import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { every } from '../../crash/extent.js';
import { type Cut, mysqlMessage, startProxy } from '../../helpers/cutting-proxy.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();
const RECORDS = 25;
/** More than a small job has. */
const MOST_PACKETS = 400;
/** All of them take minutes: with `TRANCHE_TEST_CRASH=every`. */
const STEP = every ? 1 : 5;

interface Small {
  readonly lines: readonly string[];
  readonly before: readonly string[];
  readonly options: Partial<CopyPlan>;
}

const numbers = Array.from({ length: RECORDS }, (_, i) => i);
const table = 'CREATE TABLE t (id BIGINT PRIMARY KEY, name VARCHAR(20))';

const jobs = {
  // Each COMMIT but the last is under way while the next rows are sent.
  'batches without bad rows': {
    before: [],
    lines: numbers.map(i => `${i},row ${i}`),
    options: { batchSize: 6 },
  },
  // One is refused by ourselves, and one by the server: what becomes of rejects is part of it.
  'bad rows between good ones': {
    before: [table, "INSERT INTO t VALUES (-1, '')"],
    lines: numbers.map(i => {
      if (i === 12) return 'x,row 12';
      return i === 20 ? '-1,row 20' : `${i},row ${i}`;
    }),
    options: { batchSize: 6, types: { others: 'infer', declared: { id: 'integer' } } },
  },
  'rows that replace others': {
    before: [table, "INSERT INTO t VALUES (4, 'old'), (14, 'old')"],
    lines: numbers.map(i => (i === 12 ? 'x,row 12' : `${i},row ${i}`)),
    options: { batchSize: 7, onConflict: 'update', key: ['id'] },
  },
} as const satisfies Record<string, Small>;

for (const [name, job] of Object.entries(jobs)) {
  for (const when of ['before', 'after'] as const) {
    test(
      `${name}: none is lost or doubled wherever the connection is cut, ${when} each packet of the client`,
      options,
      async () => {
        const directory = await temporaryDirectory();
        let cuts = 0;
        for (let packet = 0; packet < MOST_PACKETS; packet += STEP) {
          if (!(await runThrough(job, { message: packet, when }, join(directory, `${packet}`)))) break;
          cuts++;
        }
        assert.ok(cuts > 30 / STEP && cuts < MOST_PACKETS / STEP - 1, `${cuts} cuts`);
      },
    );
  }
}

/** Runs a job through a proxy that cuts, again until it is done, and checks the table. Whether the connection was cut. */
async function runThrough(job: Small, cut: Cut, stateDir: string): Promise<boolean> {
  await database.run('DROP TABLE IF EXISTS t, tranche_ledger', ...job.before);
  const { host, port } = database.place();
  const proxy = await startProxy({ host, port }, cut, mysqlMessage);
  const source = `${stateDir}.csv`;
  await writeFile(source, `id,name\n${job.lines.join('\n')}\n`);
  const plan = {
    source,
    target: database.url('t', { port: proxy.port }),
    job: 'nightly',
    stateDir,
    retryDelay: 1,
    maxErrors: { count: 5 },
    ...job.options,
  } as const;
  try {
    // What goes wrong before the first batch ends a run, and is left to the next one.
    await copy(plan).catch(() => undefined);
    const hasCut = proxy.messages > cut.message;
    // By itself, if the proxy has not cut anything yet.
    const target = hasCut ? plan.target : database.url('t');
    const { status, counts, error } = await copy({ ...plan, target, resume: true });
    const at = `packet ${cut.message}, ${cut.when}`;
    assert.equal(status, 'finished', `${at}: ${error?.message}`);
    await check(job, counts, await rejects(stateDir), at);
    return hasCut;
  } finally {
    await proxy.close();
  }
}

async function rejects(stateDir: string): Promise<readonly number[]> {
  const text = await readFile(join(stateDir, 'nightly/rejects.ndjson'), 'utf8').catch(() => '');
  const lines = text.split('\n').filter(line => line !== '');
  return lines.map(line => (JSON.parse(line) as { record: number }).record);
}

/** Everything is there once, or rejected once, and accounted for. */
async function check(
  { lines }: Small,
  counts: { readonly read: number; readonly written: number; readonly rejected: number },
  rejected: readonly number[],
  at: string,
): Promise<void> {
  const rows = await database.rows("SELECT CONCAT(id, ',', name) FROM t WHERE id >= 0 ORDER BY id");
  const kept = lines.filter(line => /^\d/.test(line));
  assert.deepEqual(rows.flat(), kept, at);
  const bad = lines.flatMap((line, i) => (/^\d/.test(line) ? [] : [i + 1]));
  assert.deepEqual(rejected, bad, at);
  assert.deepEqual([counts.read, counts.written, counts.rejected], [RECORDS, kept.length, bad.length], at);
}
