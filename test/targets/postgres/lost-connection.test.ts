import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { parsePostgresUrl } from '#tranche/postgres/settings.js';
import { every } from '../../crash/extent.js';
import { type Cut, postgresMessage, startProxy } from '../../helpers/cutting-proxy.js';
import { execute, missingPostgres, newTable, query, server } from '../../helpers/postgres.js';
import { temporaryDirectory } from '../../helpers/temporary.js';

const skip = missingPostgres;
const RECORDS = 20;

/** A small job: its table, the rows that are there before, what is read, and what of that gets into the table. */
interface Small {
  readonly table: string;
  readonly before: string | null;
  readonly lines: readonly string[];
  readonly options: Pick<CopyPlan, 'onConflict' | 'key' | 'batchSize'>;
  readonly isKept: (line: string) => boolean;
  /** Of the messages of the client one in so many is tried, where not all are. */
  readonly step: number;
}

const numbers = Array.from({ length: RECORDS }, (_, i) => i);
const jobs = {
  // One record of each batch is refused by the server, one by ourselves, and one cannot be read.
  'a table with a key': {
    table: 'id bigint PRIMARY KEY, v text NOT NULL',
    before: "(-1, '')",
    lines: numbers.map(i => {
      if (i % 10 === 3) return '-1,twice';
      if (i % 10 === 5) return 'x,no number';
      return i % 10 === 7 ? `${i}` : `${i},row ${i}`;
    }),
    options: { batchSize: 10 },
    isKept: line => /row/.test(line),
    step: 9,
  },
  // Batches are answered for before they are written; in between is one that cannot be.
  'a table that takes every sound row': {
    table: 'id bigint, v text',
    before: null,
    lines: numbers.map(i => {
      if (i === 9) return 'x,no number';
      return i % 10 === 7 ? `${i}` : `${i},row ${i}${i === 13 ? '\\' : ''}`;
    }),
    options: { batchSize: 2 },
    isKept: line => /row/.test(line),
    // Few messages commit, and the cut behind one of them is what matters.
    step: 3,
  },
  'rows that replace others': {
    table: 'id bigint PRIMARY KEY, v text NOT NULL',
    before: "(4, 'old'), (14, 'old')",
    lines: numbers.map(i => (i === 12 ? 'x,no number' : `${i},row ${i}`)),
    options: { batchSize: 7, onConflict: 'update', key: ['id'] },
    isKept: line => /row/.test(line),
    step: 9,
  },
} as const satisfies Record<string, Small>;

/** Copies a small file through a proxy, going on with `--resume` until it is finished; answers the messages that were sent. */
async function copyThroughProxy(job: Small, cut: Cut | null): Promise<number> {
  const directory = await temporaryDirectory();
  const { url, table } = await newTable(job.table);
  if (job.before !== null) await execute(`INSERT INTO ${table} VALUES ${job.before}`);
  const source = join(directory, 'in.csv');
  await writeFile(source, `id,v\n${job.lines.join('\n')}\n`);
  const { host, port } = parsePostgresUrl(server);
  const proxy = await startProxy({ host: host ?? '127.0.0.1', port: port ?? 5432 }, cut, postgresMessage);
  const target = url.replace(/@[^/]*/, `@127.0.0.1:${proxy.port}`);
  const plan = {
    source,
    target,
    stateDir: join(directory, 'state'),
    job: 'cut',
    resume: true,
    retryDelay: 1,
    maxErrors: { percent: 100 },
    ...job.options,
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
    const kept = job.lines.filter(job.isKept);
    assert.deepEqual(
      rows.map(({ id, v }) => `${id},${v}`),
      kept,
    );
    const { read, written, rejected } = summary.counts;
    assert.deepEqual([read, written, rejected], [RECORDS, kept.length, RECORDS - kept.length]);
    const rejects = (await readFile(join(directory, 'state/cut/rejects.ndjson'), 'utf8'))
      .trimEnd()
      .split('\n');
    const numbers = rejects.map(line => (JSON.parse(line) as { record: number }).record);
    assert.deepEqual(
      numbers,
      job.lines.flatMap((line, i) => (job.isKept(line) ? [] : [i + 1])),
    );
    return proxy.messages;
  } finally {
    await proxy.close();
  }
}

for (const [name, job] of Object.entries(jobs)) {
  test(`${name}: the connection is cut before and after each message of the client, and nothing is lost or doubled`, {
    skip,
    concurrency: 4,
  }, async t => {
    const messages = await copyThroughProxy(job, null);
    assert.ok(messages > 30, `${messages}`);
    // All of them take minutes: with `TRANCHE_TEST_CRASH=every`.
    const cuts = Array.from({ length: messages }, (_, message) => message).filter(
      message => every || message % job.step === 1,
    );
    await Promise.all(
      cuts.flatMap(message =>
        (['before', 'after'] as const).map(when =>
          t.test(`${when} message ${message}`, () =>
            copyThroughProxy(job, { message, when }).then(() => undefined),
          ),
        ),
      ),
    );
  });
}
