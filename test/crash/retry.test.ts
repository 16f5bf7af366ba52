import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { listRejects } from '#tranche/plan/retry/list-rejects.js';
import { loadRound } from '#tranche/plan/retry/round.js';
import { CheckpointFile } from '#tranche/state/checkpoint-store.js';
import { query } from '../helpers/sqlite-table.js';
import { temporaryDirectory } from '../helpers/temporary.js';
import { every } from './extent.js';
import {
  copyPlace,
  copyWords,
  type Kind,
  makePlace,
  ndjson,
  type Result,
  resultIn,
  sqlite,
  stateOf,
} from './job.js';
import { killAt, quietCalls, type Series, sample, seriesOf } from './points.js';
import { runProgram } from './program.js';
import { type Injection, inject, straceMissing, trace } from './strace.js';

const skip = straceMissing();
const SAMPLE = 5;
/** Far more calls than a retry makes. */
const ENDLESS = 1000;

/** What is left of the rejects, besides what {@link resultIn} knows of the job and its target. */
interface Retried extends Result {
  readonly left: readonly unknown[];
  readonly resolved: number;
}

/** The retry of the six rejects of the small job, of which two records given back are right by now. */
const words = ['retry-rejects', 'job', '--state-dir', 'state', '--from', 'edited.csv', '--batch-size', '2'];

for (const [number, kind] of [ndjson, sqlite].entries()) {
  describe(`killed while sending rejects again to ${kind.name}`, { skip, concurrency: 2 }, () => {
    let root: string;
    let place: string;
    let expected: Retried;
    let first: readonly Series[];

    before(async () => {
      root = await temporaryDirectory();
      place = await finishedPlace(join(root, 'finished'), kind);
      const straight = await copyPlace(place, join(root, 'straight'));
      const { code, calls, stderr } = await trace(straight, words);
      assert.equal(code, 3, stderr);
      first = seriesOf(straight, kind, calls);
      expected = await retriedIn(straight, kind);
      assert.deepEqual([expected.resolved, expected.left.length], [2, 4]);
    });

    /** Kills a retry, goes on with it, and compares. False if it came to its end before the point. */
    async function survives(point: Injection): Promise<boolean> {
      const what = `killed before ${point.call} ${point.when}${point.paths ? ' of known files' : ''}`;
      const directory = await copyPlace(place, join(root, what.replaceAll(' ', '-')));
      const inPlace = (path: string) => path.replace(join(root, 'straight'), directory);
      const ended = await inject(directory, words, {
        ...point,
        ...(point.paths ? { paths: point.paths.map(inPlace) } : {}),
      });
      assert.ok(ended.killed || ended.code === 3, `${what}: ended with ${ended.code}\n${ended.stderr}`);
      // Once more from the end would be another retry.
      const isFinished = async () => await endedIn(directory, kind);
      if (!(await isFinished())) await inject(directory, words, secondKill(point.when));
      if (!(await isFinished())) {
        const again = await runProgram(directory, words);
        assert.equal(again.code, 3, `${what}: ended with ${again.code}\n${again.stderr}`);
      }
      assert.deepEqual(await retriedIn(directory, kind), expected, what);
      await rm(directory, { recursive: true });
      return ended.killed;
    }

    if (!every) {
      test('a sample of all calls', async () => {
        for (const point of sample(first, SAMPLE, number / 2)) await survives(point);
      });
      return;
    }

    for (const name of [...quietCalls, 'openat', 'write']) {
      test(`every ${name} that changes something`, async t => {
        const series = first.find(({ call }) => call === name);
        let points = 0;
        for (const when of series?.whens ?? []) {
          if (await survives(killAt(series!, when))) points++;
        }
        while (series?.all && (await survives(killAt(series, points + 1)))) {
          points++;
          assert.ok(points < ENDLESS);
        }
        t.diagnostic(`${points} points`);
      });
    }
  });
}

/** The small job, finished, and two of its rejects mended in a file. */
async function finishedPlace(directory: string, kind: Kind): Promise<string> {
  await makePlace(directory);
  assert.equal((await runProgram(directory, copyWords(kind))).code, 3);
  const exported = await runProgram(directory, ['rejects', 'job', '--state-dir', 'state', '--to', 'raw.csv']);
  assert.equal(exported.code, 0, exported.stderr);
  const text = await readFile(join(directory, 'raw.csv'), 'utf8');
  await writeFile(join(directory, 'edited.csv'), text.replace(/(3|33),too,many,fields/g, '$1,mended,1.5'));
  return directory;
}

function roundIn(directory: string) {
  return loadRound(stateOf(directory), 'job');
}

/** Whether the round has ended; a kill may have left that in the ledger alone. */
async function endedIn(directory: string, kind: Kind): Promise<boolean> {
  const round = await roundIn(directory);
  if (round?.checkpoint?.status === 'finished' || kind !== sqlite)
    return round?.checkpoint?.status === 'finished';
  const sql = "SELECT entry FROM tranche_ledger WHERE job = 'job/retry'";
  const [row] = await query(join(directory, kind.file), sql);
  const entry = row === undefined ? null : (JSON.parse(String(row[0])) as { id: string; status: string });
  return entry !== null && entry.id === round?.id && entry.status === 'finished';
}

async function retriedIn(directory: string, kind: Kind): Promise<Retried> {
  const state = stateOf(directory);
  const job = await new CheckpointFile(join(state, 'checkpoint.json'), 'job').load();
  const { counts, samples } = await listRejects(state, job!, undefined, 100);
  const left = samples.map(({ number, at, reason, attempts, raw, earlier }) => {
    return { number, at, reason, attempts, raw: raw.toString(), earlier: earlier.map(one => one.message) };
  });
  return { ...(await resultIn(directory, kind)), left, resolved: counts.resolved };
}

/** A kill of the retry that goes on: at a call that depends on where the first was. */
function secondKill(first: number): Injection {
  const calls = ['fdatasync', 'rename', 'pwrite64', 'fsync'];
  return { call: calls[first % calls.length]!, when: 1 + ((first * 3) % 7), what: 'signal=SIGKILL' };
}
