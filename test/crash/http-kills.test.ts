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
const REFUSED = 23;

/** When to end the program: at its so-and-so-manieth request, before anything was done, behind the work, or behind the answer. */
interface Kill {
  readonly request: number;
  readonly when: 'before' | 'applied' | 'answered';
}

/** How the job is run, and what the server does about its refused record. */
interface Way {
  readonly lanes: 1 | 8;
  readonly perRecord: boolean;
  readonly remembersKeys: boolean;
}

const kills: fc.Arbitrary<readonly Kill[]> = fc.array(
  fc.record({
    request: fc.integer({ min: 1, max: 14 }),
    when: fc.constantFrom('before', 'applied', 'answered'),
  }),
  { minLength: 1, maxLength: 4 },
);

for (const remembersKeys of [true, false]) {
  for (const perRecord of [false, true]) {
    for (const lanes of [1, 8] as const) {
      const way = { lanes, perRecord, remembersKeys };
      test(`killed at random: ${JSON.stringify(way)}`, async () => {
        await fc.assert(
          fc.asyncProperty(kills, async at => await survives(way, at)),
          { numRuns: every ? 30 : 2, interruptAfterTimeLimit: every ? 240_000 : 30_000 },
        );
      });
    }
  }
}

/** Runs the job, kills it at each of the moments, one a run, lets it come to its end, and looks at what the server has. */
async function survives(way: Way, at: readonly Kill[]): Promise<void> {
  let run: Running | null = null;
  let kill: Kill | undefined;
  let number = 0;
  const behaves = (request: Received): Behaviour | undefined => {
    number++;
    if (number === kill?.request) return killing(request, kill, run!);
    return usual(request, number);
  };
  const server = await ApiServer.start({ behaves, remembersKeys: way.remembersKeys });
  try {
    const place = await placeOf();
    let killed = 0;
    for (const moment of [...at, undefined]) {
      kill = moment;
      number = 0;
      const done = doneIn(place);
      const before = server.requests.length;
      run = startTranche(wordsOf(server, way), { cwd: place.directory });
      const { signal, code, stderr } = await run.ended;
      if (signal === 'SIGKILL') killed++;
      assert.ok(signal === 'SIGKILL' || code === 0 || code === 3, stderr);
      const again = server.requests
        .slice(before)
        .flatMap(({ records }) => records.filter(({ id }) => done.has(id)));
      assert.deepEqual(again, [], 'sent again, though the checkpoint knew that it was done');
    }
    demandAll(server, way, killed);
  } finally {
    await server.close();
  }
}

/** Answers out of order, and refuses one record. */
function usual({ records }: Received, number: number): Behaviour | undefined {
  const errors = records.flatMap(({ id }, index) => (id === REFUSED ? [{ index, message: 'no' }] : []));
  if (errors.length > 0) return { does: 'answer', with: { status: 422, body: JSON.stringify({ errors }) } };
  return number % 3 === 0 ? { does: 'late', until: sleep(8) } : undefined;
}

function killing(request: Received, { when }: Kill, { child, ended }: Running): Behaviour {
  if (when === 'answered') {
    setImmediate(() => child.kill('SIGKILL'));
    return usual(request, 0) ?? { does: 'answer' };
  }
  child.kill('SIGKILL');
  return when === 'before' ? { does: 'hang' } : { does: 'late', until: ended };
}

async function placeOf(): Promise<Workplace> {
  const place = await Workplace.make();
  const ids = Array.from({ length: RECORDS }, (_, i) => `${i + 1}\n`);
  await place.write('in.csv', `id\n${ids.join('')}`);
  return place;
}

function wordsOf({ url }: ApiServer, { lanes, perRecord }: Way): string[] {
  const words = ['copy', 'in.csv', `${url}/items`, '--resume', '--job', 'job', '--max-errors', '100%'];
  return [...words, '--batch-size', `${BATCH}`, '-j', `${lanes}`, ...(perRecord ? ['--per-record'] : [])];
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

/** All records are there but the refused one: each once where keys are remembered, otherwise at most those in flight at a kill once more. */
function demandAll({ applied }: ApiServer, { lanes, remembersKeys }: Way, killed: number): void {
  const times = Array.from({ length: RECORDS }, (_, i) => applied.get(JSON.stringify({ id: i + 1 })) ?? 0);
  times.splice(REFUSED - 1, 1);
  const most = remembersKeys ? 0 : killed * lanes * BATCH;
  const extra = times.reduce((sum, count) => sum + count - 1, 0);
  assert.ok(times.every(count => count >= 1) && extra <= most, `applied ${times.join(' ')} times`);
}
