import assert from 'node:assert/strict';
import { basename, join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary.js';
import type { Call } from './calls.js';
import { every } from './extent.js';
import { copyWords, demandSame, gzip, makePlace, ndjson, type Result, sqlite, uninterrupted } from './job.js';
import { quietSeries, sample } from './points.js';
import { inject, straceMissing, type Traced, trace } from './strace.js';

const skip = straceMissing();
const SAMPLE = 1;
const kinds = every ? [ndjson, gzip, sqlite] : [ndjson, sqlite];
const ENDLESS = 1000;

/** What each call can answer, and how a person is told. */
const failures = [
  { call: 'pwrite64', error: 'ENOSPC', words: /no space left|disk is full/ },
  { call: 'pwrite64', error: 'EIO', words: /input\/output error|disk I\/O error/ },
  { call: 'fsync', error: 'EIO', words: /input\/output error|disk I\/O error/ },
  { call: 'fdatasync', error: 'EIO', words: /input\/output error|disk I\/O error/ },
  { call: 'rename', error: 'EIO', words: /input\/output error/ },
  { call: 'mkdir', error: 'ENOSPC', words: /no space left/ },
] as const;

for (const [number, kind] of kinds.entries()) {
  describe(`a disk that fails under ${kind.name}`, { skip, concurrency: 2 }, () => {
    let root: string;
    let expected: Result;
    let calls: readonly Call[];

    before(async () => {
      root = await temporaryDirectory();
      expected = await uninterrupted(join(root, 'uninterrupted'), kind);
      const directory = await makePlace(join(root, 'traced'));
      calls = (await trace(directory, copyWords(kind))).calls;
    });

    for (const { call, error, words } of failures) {
      test(`${call}: ${error}`, async () => {
        const points = every
          ? Array.from({ length: ENDLESS }, (_, i) => i + 1)
          : sample([quietSeries(call, calls)], SAMPLE, 0.3 + number / 2).map(({ when }) => when);
        assert.ok(points.length > 0);
        for (const when of points) if (!(await survives(call, error, words, when))) return;
      });
    }

    /** False if the run made no such call. */
    async function survives(call: string, error: string, words: RegExp, when: number): Promise<boolean> {
      const what = `${call} ${when} ${error}`;
      const directory = await makePlace(join(root, what.replaceAll(' ', '-')));
      const run = await inject(directory, copyWords(kind), {
        call,
        when,
        what: `error=${error}`,
        logAll: true,
      });
      // Each thread has such a call of its own. SQLite can do without its shared memory: it leaves the journal as it was.
      const failures = run.calls.filter(({ injected }) => injected);
      const failed =
        failures.find(({ path }) => !path.endsWith('-shm')) ?? (run.code === 3 ? null : failures[0]);
      if (failed) demandStop(run, failed, words, what);
      else assert.equal(run.code, 3, `${what}\n${run.stderr}`);
      await demandSame(directory, kind, expected, what);
      return failures.length > 0;
    }
  });
}

test('SQLite: a change into WAL mode that fails is told, and not taken for one that was made', {
  skip,
}, async () => {
  const root = await temporaryDirectory();
  const { calls } = await trace(await makePlace(join(root, 'traced')), copyWords(sqlite));
  const changed = calls.findIndex(({ name, path }) => name === 'openat' && path.endsWith('.db-wal'));
  const { thread } = calls[changed]!;
  const when = calls
    .slice(0, changed)
    .filter(call => call.thread === thread && call.name === 'pwrite64').length;
  // The last ones write the database itself; before them goes its journal, with which the change is committed.
  for (const before of [0, 1, 2]) {
    const directory = await makePlace(join(root, `${before}`));
    const failure = { call: 'pwrite64', when: when - before, what: 'error=EIO' };
    const { code, stderr } = await inject(directory, copyWords(sqlite), failure);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /cannot \w+ out\.db: disk I\/O error/);
  }
});

/** The run ends with 1, says where and why, and never flushes again what could not be flushed. */
function demandStop({ code, stderr, calls }: Traced, failed: Call, words: RegExp, what: string): void {
  assert.equal(code, 1, `${what}: ${failed.path}\n${stderr}`);
  assert.match(stderr, words, what);
  const name = basename(failed.path).replace(/-(wal|journal)$/, '');
  // Of a directory SQLite says only which database is in it.
  const named = stderr.includes(name) || stderr.includes('SQLITE_IOERR_DIR_FSYNC');
  assert.ok(named, `${what}: ${failed.path} is not named\n${stderr}`);
  if (!failed.name.endsWith('sync')) return;
  const later = calls.slice(calls.indexOf(failed) + 1);
  const reused = later.findIndex(
    ({ name, descriptor }) => name === 'openat' && descriptor === failed.descriptor,
  );
  const same = later
    .slice(0, reused < 0 ? later.length : reused)
    .filter(({ descriptor, path }) => descriptor === failed.descriptor && path === failed.path);
  const again = same.findIndex(({ name }) => name.endsWith('sync'));
  // SQLite takes the transaction back, which is another content, before it flushes that.
  const changes = same.slice(0, Math.max(again, 0));
  const takenBack =
    failed.path.endsWith('.db') && changes.some(({ name }) => name === 'ftruncate' || name === 'pwrite64');
  assert.ok(again < 0 || takenBack, `${what}: ${failed.path} was flushed again`);
}
