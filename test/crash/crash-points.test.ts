import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary.js';
import { every } from './extent.js';
import {
  copyPlace,
  copyWords,
  demandSame,
  gzip,
  hurried,
  type Kind,
  makePlace,
  ndjson,
  type Result,
  sqlite,
  uninterrupted,
} from './job.js';
import { killAt, quietCalls, type Series, sample, seriesOf } from './points.js';
import { type Injection, inject, straceMissing, trace } from './strace.js';

const skip = straceMissing();
const kinds: readonly Kind[] = every ? [sqlite, ndjson, gzip, hurried] : [ndjson, gzip, sqlite];
const SAMPLE = 4;
/** Far more calls than the job makes: a run that is still killed then never ends. */
const ENDLESS = 1000;

// The runs wait more than they work: two kinds at a time, two kills of each. The longest comes first.
describe('killed at calls', { skip, concurrency: 2 }, () => {
  for (const [number, kind] of kinds.entries()) {
    describe(`killed while writing ${kind.name}`, { concurrency: 2 }, () => {
      let root: string;
      let expected: Result;
      let first: readonly Series[];
      let killed: string;
      let resuming: readonly Series[];

      before(async () => {
        root = await temporaryDirectory();
        expected = await uninterrupted(join(root, 'uninterrupted'), kind);
        first = await seriesIn(await makePlace(join(root, 'traced')));
        // A kill with data behind the newest checkpoint: what a resume has to deal with.
        killed = await makePlace(join(root, 'killed'));
        const middle = await inject(killed, copyWords(kind), killAt({ call: 'rename' }, 4));
        assert.ok(middle.killed);
        resuming = await seriesIn(await copyPlace(killed, join(root, 'resume-traced')), '--resume');
      });

      async function seriesIn(directory: string, ...more: readonly string[]): Promise<Series[]> {
        const { code, calls, stderr } = await trace(directory, copyWords(kind, ...more));
        assert.equal(code, 3, stderr);
        return seriesOf(directory, kind, calls);
      }

      /** Kills a run in a new directory, goes on, and compares. False if the run came to its end before the point. */
      async function survives(point: Injection, again: boolean): Promise<boolean> {
        const what = `${again ? 'resume ' : ''}killed before ${point.call} ${point.when}${point.paths ? ' of known files' : ''}`;
        const place = join(root, what.replaceAll(' ', '-'));
        const directory = again ? await copyPlace(killed, place) : await makePlace(place);
        const words = again ? copyWords(kind, '--resume') : copyWords(kind);
        const moved = { ...point, ...(point.paths ? { paths: point.paths.map(inPlace(place)) } : {}) };
        const ended = await inject(directory, words, moved);
        assert.ok(ended.killed || ended.code === 3, `${what}: ended with ${ended.code}\n${ended.stderr}`);
        if (ended.killed && !again)
          await inject(directory, copyWords(kind, '--resume'), secondKill(point.when));
        await demandSame(directory, kind, expected, what);
        return ended.killed;
      }

      /** Points were found in another directory. */
      const inPlace = (place: string) => (path: string) =>
        path.startsWith(root) ? join(place, path.slice(root.length).split('/').slice(2).join('/')) : path;

      if (!every) {
        test('a sample of all calls', async () => {
          for (const point of sample(first, SAMPLE, number / kinds.length)) await survives(point, false);
        });
        test('a sample of all calls of a resume', async () => {
          for (const point of sample(resuming, SAMPLE / 2, number / kinds.length))
            await survives(point, true);
        });
        return;
      }

      for (const again of [false, true]) {
        for (const name of [...quietCalls, 'openat', 'write']) {
          test(`${again ? 'resume, ' : ''}every ${name} that changes something`, async t => {
            const series = (again ? resuming : first).find(({ call }) => call === name);
            let points = 0;
            for (const when of series?.whens ?? []) {
              if (await survives(killAt(series!, when), again)) points++;
            }
            while (series?.all && (await survives(killAt(series, points + 1), again))) {
              points++;
              assert.ok(points < ENDLESS);
            }
            t.diagnostic(`${points} points`);
          });
        }
      }
    });
  }
});

/** A kill of the run that goes on: at a call that depends on where the first was. */
function secondKill(first: number): Injection {
  const calls = ['fdatasync', 'rename', 'pwrite64', 'fsync', 'ftruncate'];
  return { call: calls[first % calls.length]!, when: 1 + ((first * 3) % 7), what: 'signal=SIGKILL' };
}
