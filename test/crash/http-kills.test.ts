import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Checkpoint } from '#tranche/core/checkpoint.js';
import { ApiServer, type Behaviour, type Received } from '../helpers/http-server.js';
import { type Running, startTranche } from '../helpers/program.js';
import { Workplace } from '../helpers/workplace.js';
import { every } from './extent.js';

const RECORDS = 60;
const BATCH = 5;
const LARGEST = 9;
const REFUSED = 23;

/** When to end the program: at its so-and-so-manieth request, before anything was done, behind the work, or behind the answer. */
interface Kill {
  readonly request: number;
  readonly when: 'before' | 'applied' | 'answered';
  /** Records a batch in the run that it ends, where that changes. */
  readonly batch: number;
}

/** How the job is run, and what the server does about its refused record. */
interface Way {
  readonly lanes: 1 | 8;
  readonly perRecord: boolean;
  readonly remembersKeys: boolean;
  /** Whether the server says which record it refuses; otherwise batches are halved. */
  readonly names?: boolean;
  /** Whether the batch size is another one in each run. */
  readonly resizes?: boolean;
  /** Whether batches of single requests have as many records as take a while, and not so many. */
  readonly timed?: boolean;
  /** Whether the very first request gets no answer, so that what is done lies beyond it. */
  readonly holds?: boolean;
}

const kills: fc.Arbitrary<readonly Kill[]> = fc.array(
  fc.record({
    request: fc.integer({ min: 1, max: 14 }),
    when: fc.constantFrom('before', 'applied', 'answered'),
    batch: fc.integer({ min: 2, max: LARGEST }),
  }),
  { minLength: 1, maxLength: 4 },
);

for (const remembersKeys of [true, false]) {
  for (const perRecord of [false, true]) {
    for (const lanes of [1, 8] as const) {
      testKills({ lanes, perRecord, remembersKeys, names: true });
    }
  }
  for (const lanes of [1, 8] as const) testKills({ lanes, perRecord: false, remembersKeys });
  testKills({ lanes: 8, perRecord: false, remembersKeys, names: true, resizes: true });
  testKills({ lanes: 8, perRecord: true, remembersKeys, names: true, timed: true });
}

function testKills(way: Way): void {
  test(`killed at random: ${JSON.stringify(way)}`, async () => {
    await fc.assert(
      fc.asyncProperty(kills, async at => void (await survives(way, at))),
      { numRuns: every ? 30 : 2, interruptAfterTimeLimit: every ? 240_000 : 30_000 },
    );
  });
}

for (const remembersKeys of [true, false]) {
  for (const resizes of [true, false]) {
    const way: Way = { lanes: 8, perRecord: false, remembersKeys, resizes, names: false, holds: true };
    test(`killed while batches are done beyond others: ${JSON.stringify(way)}`, async () => {
      // Seven batches are beside the first, four requests look for the refused record: the one after them is of a batch that began when another was in the checkpoint.
      const late = fc.record({
        request: fc.integer({ min: 13, max: 15 }),
        when: fc.constantFrom('before', 'applied', 'answered' as const),
        batch: fc.integer({ min: 2, max: 4 }),
      });
      await fc.assert(
        fc.asyncProperty(fc.tuple(late, kills), async ([first, others]) => {
          const ranges = await survives(way, [{ ...first, batch: resizes ? first.batch : BATCH }, ...others]);
          assert.ok(ranges > 0, 'no checkpoint had ranges');
        }),
        { numRuns: every ? 30 : 2, interruptAfterTimeLimit: every ? 240_000 : 30_000 },
      );
    });
  }
}

/**
 * Runs the job, kills it at each of the moments, one a run, lets it come to its end, and looks at what the server has. Answers how many of the killed runs left
 * ranges that were done.
 */
async function survives(way: Way, at: readonly Kill[]): Promise<number> {
  let run: Running | null = null;
  let kill: Kill | undefined;
  let number = 0;
  const behaves = (request: Received): Behaviour | undefined => {
    number++;
    if (number === kill?.request) return killing(request, kill, run!, way);
    if (number === 1 && way.holds && kill === at[0]) return { does: 'late', until: run!.ended };
    return usual(request, number, way);
  };
  const server = await ApiServer.start({ behaves, remembersKeys: way.remembersKeys });
  try {
    const place = await placeOf();
    let killed = 0;
    let ranges = 0;
    for (const moment of [...at, undefined]) {
      kill = moment;
      number = 0;
      const done = doneIn(place);
      const before = server.requests.length;
      run = startTranche(wordsOf(server, way, moment?.batch), { cwd: place.directory });
      const { signal, code, stderr } = await run.ended;
      if (signal === 'SIGKILL') {
        killed++;
        ranges += aheadIn(place) > 0 ? 1 : 0;
      }
      assert.ok(signal === 'SIGKILL' || code === 0 || code === 3, stderr);
      const again = server.requests
        .slice(before)
        .flatMap(({ records }) => records.filter(({ id }) => done.has(id)));
      assert.deepEqual(again, [], 'sent again, though the checkpoint knew that it was done');
    }
    demandAll(server, way, killed);
    return ranges;
  } finally {
    await server.close();
  }
}

/** Answers out of order, and refuses one record. */
function usual({ records }: Received, number: number, { names }: Way): Behaviour | undefined {
  const errors = records.flatMap(({ id }, index) => (id === REFUSED ? [{ index, message: 'no' }] : []));
  if (errors.length > 0)
    return { does: 'answer', with: { status: 422, body: names ? JSON.stringify({ errors }) : 'no' } };
  return number % 3 === 0 ? { does: 'late', until: sleep(8) } : undefined;
}

function killing(request: Received, { when }: Kill, { child, ended }: Running, way: Way): Behaviour {
  if (when === 'answered') {
    setImmediate(() => child.kill('SIGKILL'));
    return usual(request, 0, way) ?? { does: 'answer' };
  }
  child.kill('SIGKILL');
  const isRefused = usual(request, 0, way) !== undefined;
  return when === 'before' || isRefused ? { does: 'hang' } : { does: 'late', until: ended };
}

async function placeOf(): Promise<Workplace> {
  const place = await Workplace.make();
  const ids = Array.from({ length: RECORDS }, (_, i) => `${i + 1}\n`);
  await place.write('in.csv', `id\n${ids.join('')}`);
  return place;
}

function wordsOf({ url }: ApiServer, { lanes, perRecord, resizes, timed }: Way, batch = BATCH): string[] {
  const words = ['copy', 'in.csv', `${url}/items`, '--resume', '--job', 'job', '--max-errors', '100%'];
  return [
    ...words,
    ...(timed ? [] : ['--batch-size', `${resizes ? batch : BATCH}`]),
    '-j',
    `${lanes}`,
    ...(perRecord ? ['--per-record'] : []),
  ];
}

/** The ranges that the newest checkpoint knows to be done beyond its position. */
function aheadIn(place: Workplace): number {
  const { source } = JSON.parse(place.read('.tranche/job/checkpoint.json')!) as Pick<Checkpoint, 'source'>;
  return source.ahead.length;
}

/** The records that the newest checkpoint knows to be done. */
function doneIn(place: Workplace): ReadonlySet<unknown> {
  const checkpoint = place.read('.tranche/job/checkpoint.json');
  if (checkpoint === null) return new Set();
  const { source } = JSON.parse(checkpoint) as { source: Pick<Checkpoint['source'], 'position' | 'ahead'> };
  const done = new Set<unknown>();
  let id = 0;
  while (id < Number(source.position?.['record'] ?? 0)) done.add(++id);
  for (const { after, records } of source.ahead) {
    id += after;
    for (const end = id + records; id < end; ) done.add(++id);
  }
  return done;
}

/** All records are there but the refused one: each once where keys are remembered and last, otherwise at most those in flight at a kill once more. */
function demandAll(
  { applied }: ApiServer,
  { lanes, remembersKeys, resizes, timed }: Way,
  killed: number,
): void {
  const times = Array.from({ length: RECORDS }, (_, i) => applied.get(JSON.stringify({ id: i + 1 })) ?? 0);
  times.splice(REFUSED - 1, 1);
  const most =
    remembersKeys && !resizes ? 0 : killed * (timed ? RECORDS : lanes * (resizes ? LARGEST : BATCH));
  const extra = times.reduce((sum, count) => sum + count - 1, 0);
  assert.ok(times.every(count => count >= 1) && extra <= most, `applied ${times.join(' ')} times`);
}
