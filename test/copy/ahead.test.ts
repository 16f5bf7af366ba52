import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { CheckpointFile } from '#tranche/state/checkpoint-store.js';
import { checkpointText } from '#tranche/state/checkpoint-text.js';
import { moduleIn } from '../helpers/modules.js';
import { execute } from '../helpers/sqlite-table.js';
import { stdinOf, Workplace } from '../helpers/workplace.js';

const RECORDS = 60;
const ids = Array.from({ length: RECORDS }, (_, i) => i + 1);

/** Hands batches to the test. */
const handing = `
export default async (records, { job }) => await globalThis.handed.get(job)(records);
`;

type Hand = (records: readonly { readonly id: number }[]) => Promise<void>;
const handed = new Map<string, Hand>();
Object.assign(globalThis, { handed });

/** Blank lines, line ends of both kinds, newlines in quotes, and a record in nine that is no good. */
const lines = ids.map(id => {
  const end = id % 4 === 0 ? '\r\n' : '\n';
  const blank = id % 6 === 0 ? '\n\n' : '';
  if (id % 9 === 0) return `${id}${end}${blank}`;
  return id % 5 === 0 ? `${id},"two\nlines"${end}${blank}` : `${id},x${end}${blank}`;
});
const good = ids.filter(id => id % 9 !== 0);
const csv = `id,text\n${lines.join('')}`;

const sources: Readonly<Record<string, (place: Workplace) => Promise<readonly [string, readonly number[]]>>> =
  {
    CSV: async place => {
      await place.write('in.csv', csv);
      return ['in.csv', good];
    },
    gzip: async place => {
      await place.write('in.csv.gz', Buffer.concat([gzipSync(csv.slice(0, 200)), gzipSync(csv.slice(200))]));
      return ['in.csv.gz', good];
    },
    'a directory': async place => {
      await mkdir(place.path('in'));
      const parts = [lines.slice(0, 13), [], lines.slice(13, 40), lines.slice(40)];
      for (const [i, part] of parts.entries()) await place.write(`in/${i}.csv`, `id,text\n${part.join('')}`);
      return ['in', good];
    },
    'standard input': async () => ['-', good],
    NDJSON: async place => {
      const text = ids.map(id => (id % 9 === 0 ? 'no\n' : `{"id":${id}}\n${id % 6 === 0 ? '\n' : ''}`));
      await place.write('in.ndjson', text.join(''));
      return ['in.ndjson', good];
    },
    SQLite: async place => {
      const rows = ids.map(id => `(${id})`).join(',');
      await execute(
        place.path('in.db'),
        `CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES ${rows}`,
      );
      return [`sqlite:${place.path('in.db')}#t`, ids];
    },
  };

interface Interrupted {
  readonly batchSize: number;
  readonly concurrency: number;
  /** Batches that are taken; all after them fail, and so ends the run. */
  readonly taken: number;
  /** Turns of the event loop that batches take. */
  readonly order: readonly number[];
}

const interrupted: fc.Arbitrary<Interrupted> = fc.record({
  batchSize: fc.integer({ min: 1, max: 9 }),
  concurrency: fc.integer({ min: 1, max: 6 }),
  taken: fc.integer({ min: 0, max: 12 }),
  order: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 8 }),
});

const parts = [{}, { skip: 7 }, { limit: 41 }, { skip: 7, limit: 41 }];
let jobs = 0;

for (const [name, make] of Object.entries(sources)) {
  test(`what is done is met again, and not handed over twice: ${name}`, async () => {
    const runs = fc.array(interrupted, { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(runs, fc.constantFrom(...parts), async (all, part) => await survives(make, all, part)),
      { numRuns: 25, interruptAfterTimeLimit: 20_000 },
    );
  });
}

test('batches that are cut in another way, by records or bytes, have other keys, and that is said', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', csv);
  await place.write('take.mjs', 'export default () => {};');
  const options = { batchSize: 2, batchBytes: 100, maxErrors: { percent: 100 }, maxBatches: 1, resume: true };
  for (const [change, cuts] of [
    [{}, null],
    [{}, null],
    [{ batchBytes: 50 }, '2 records and 50 bytes now, 2 records and 100 bytes before'],
    [{ batchSize: 3 }, '3 records and 100 bytes now, 2 records and 50 bytes before'],
  ] as const) {
    place.events.length = 0;
    await place.copy('in.csv', 'take.mjs', { ...options, ...change });
    const warnings = place.events.flatMap(event => (event.type === 'warning' ? [event.message] : []));
    const message = `batches have at most ${cuts}: what was in flight when the last run ended may be sent again under other idempotency keys`;
    assert.deepEqual(warnings, cuts === null ? [] : [message]);
  }
});

test('a checkpoint of a build that did not keep the bytes of a batch is gone on with', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', csv);
  await place.write('take.mjs', 'export default () => {};');
  const options = { batchSize: 2, maxErrors: { percent: 100 }, maxBatches: 1, resume: true };
  await place.copy('in.csv', 'take.mjs', options);
  const path = place.path('state/job/checkpoint.json');
  const { batchBytes: _, ...earlier } = (await new CheckpointFile(path, 'job').load())!;
  for (const [change, warnings] of [
    [{ batchBytes: 50 }, 0],
    [{ batchSize: 3 }, 1],
  ] as const) {
    await place.write('state/job/checkpoint.json', checkpointText(earlier));
    place.events.length = 0;
    assert.equal((await place.copy('in.csv', 'take.mjs', { ...options, ...change })).status, 'paused');
    assert.equal(place.events.filter(({ type }) => type === 'warning').length, warnings);
  }
});

test('what is written again in an input that was rewritten is counted once', async () => {
  const place = await Workplace.make();
  const target = await moduleIn(place.directory, handing);
  const plan = { batchSize: 1, retries: 0, concurrency: 3, job: `job${++jobs}` };
  const taken: number[] = [];
  handed.set(plan.job, async ([record]) => {
    if (record!.id !== 1) return void taken.push(record!.id);
    while (taken.length < 2) await new Promise(resolve => setImmediate(resolve));
    throw Object.assign(new Error('not now'), { name: 'RetryLater' });
  });
  await place.write('in.ndjson', '{"id":1}\n{"id":2}\n{"id":3}\n');
  const from = { ...plan, source: place.path('in.ndjson'), target, stateDir: place.path('state') };
  assert.equal((await copy(from)).counts.written, 2);
  await place.write('in.ndjson', '{"id":4}\n{"id":5}\n{"id":6}\n{"id":7}\n');
  const { counts, run } = await copy({ ...from, resume: true, onChange: 'continue', limit: 4 });
  assert.deepEqual(taken.sort(), [2, 3, 4, 5, 6, 7]);
  assert.deepEqual([counts.read, counts.written, run.written], [4, 4, 4]);
});

async function survives(
  make: (place: Workplace) => Promise<readonly [string, readonly number[]]>,
  runs: readonly Interrupted[],
  part: { readonly skip?: number; readonly limit?: number },
): Promise<void> {
  const place = await Workplace.make();
  const [source, whole] = await make(place);
  const { skip = 0, limit = RECORDS } = part;
  const expected = whole.filter(id => id > skip && id <= skip + limit);
  const path = source.startsWith('sqlite:') ? source : place.path(source);
  const module = await moduleIn(place.directory, handing);
  const job = `job${++jobs}`;
  const taken: number[] = [];
  const last: Interrupted = { batchSize: 4, concurrency: 3, taken: Number.POSITIVE_INFINITY, order: [0, 2] };
  for (const run of [...runs, last]) {
    handed.set(job, handOf(run, taken));
    const plan: CopyPlan = {
      ...{ source: path, target: module, job, stateDir: place.path('state'), resume: true, ...part },
      ...{ batchSize: run.batchSize, concurrency: run.concurrency, retries: 0, maxErrors: { percent: 100 } },
      ...(source === '-' ? { format: 'csv' as const } : {}),
    };
    const { status, counts } = await copy(plan, source === '-' ? { stdin: stdinOf(csv) } : {});
    if (status !== 'finished') continue;
    assert.equal(counts.written, expected.length);
    break;
  }
  handed.delete(job);
  assert.deepEqual(
    taken.sort((a, b) => a - b),
    expected,
  );
}

function handOf({ taken: most, order }: Interrupted, taken: number[]): Hand {
  let calls = 0;
  return async records => {
    const number = calls++;
    for (let i = order[number % order.length]!; i > 0; i--)
      await new Promise(resolve => setImmediate(resolve));
    if (number >= most) throw Object.assign(new Error('not now'), { name: 'RetryLater' });
    taken.push(...records.map(({ id }) => Number(id)));
  };
}
