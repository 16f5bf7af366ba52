import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ApiServer, type Behaviour, type Received } from '../helpers/http-server.js';
import { temporaryDirectory } from '../helpers/temporary.js';
import { every } from './extent.js';
import { runProgram } from './program.js';
import { inject, straceMissing } from './strace.js';

const RECORDS = 30;
const BATCH = 4;
const REFUSED = 11;
/** Far more calls than the job makes. */
const ENDLESS = 500;

/** Calls of the network and of the checkpoint, and which of them are a sample. A starting Node.js makes none of them. */
const calls: Readonly<Record<string, readonly number[]>> = {
  connect: [1],
  writev: [1, 3, 6],
  mkdir: [2],
  pwrite64: [3],
  fsync: [4],
  fdatasync: [2],
  rename: [1, 4],
};

describe('an HTTP job killed at its calls', { skip: straceMissing(), concurrency: 2 }, () => {
  for (const lanes of [1, 8]) {
    for (const remembersKeys of [true, false]) {
      for (const [call, sample] of Object.entries(calls)) {
        const way = `-j ${lanes}, keys are ${remembersKeys ? 'remembered' : 'forgotten'}`;
        test(`${every ? 'every' : 'some'} ${call}: ${way}`, async () => {
          const points = every ? Array.from({ length: ENDLESS }, (_, i) => i + 1) : sample;
          for (const when of points) {
            const killed = await survives(call, when, lanes, remembersKeys);
            if (!killed) return assert.ok(when > 1, `there is no ${call}`);
          }
          assert.ok(!every);
        });
      }
    }
  }
});

/** Kills a run before a call, lets the next one come to its end, and looks at what the server has. False if the run ended before. */
async function survives(call: string, when: number, lanes: number, remembersKeys: boolean): Promise<boolean> {
  const server = await ApiServer.start({ remembersKeys, behaves: refusesOne });
  try {
    const directory = await place();
    const words = wordsOf(server, lanes);
    const first = await inject(directory, words, { call, when, what: 'signal=SIGKILL' });
    assert.ok(first.killed || first.code === 3, first.stderr);
    const second = await runProgram(directory, words);
    assert.ok(second.code === 3 || second.code === 0, second.stderr);
    const times = Array.from({ length: RECORDS }, (_, i) => server.applied.get(`{"id":${i + 1}}`) ?? 0);
    times.splice(REFUSED - 1, 1);
    const most = remembersKeys ? 0 : lanes * BATCH;
    const extra = times.reduce((sum, count) => sum + count - 1, 0);
    const what = `killed before ${call} ${when}: applied ${times.join(' ')} times`;
    assert.ok(times.every(count => count >= 1) && extra <= most, what);
    return first.killed;
  } finally {
    await server.close();
  }
}

function refusesOne({ records }: Received): Behaviour | undefined {
  const errors = records.flatMap(({ id }, index) => (id === REFUSED ? [{ index }] : []));
  if (errors.length === 0) return undefined;
  return { does: 'answer', with: { status: 422, body: JSON.stringify({ errors }) } };
}

async function place(): Promise<string> {
  const directory = join(await temporaryDirectory(), 'place');
  await mkdir(directory);
  const ids = Array.from({ length: RECORDS }, (_, i) => `${i + 1}\n`);
  await writeFile(join(directory, 'in.csv'), `id\n${ids.join('')}`);
  return directory;
}

function wordsOf({ url }: ApiServer, lanes: number): string[] {
  const words = ['copy', 'in.csv', `${url}/items`, '--resume', '--job', 'job', '--max-errors', '100%'];
  return [...words, '--batch-size', `${BATCH}`, '-j', `${lanes}`];
}
