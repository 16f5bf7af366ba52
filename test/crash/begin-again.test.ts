import assert from 'node:assert/strict';
import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary.js';
import { every } from './extent.js';
import {
  copyPlace,
  copyWords,
  demandSame,
  gzip,
  type Kind,
  makePlace,
  ndjson,
  type Result,
  resultIn,
  sqlite,
  stateOf,
  uninterrupted,
} from './job.js';
import { runProgram } from './program.js';
import { inject, straceMissing } from './strace.js';

const truncating: Kind = { ...sqlite, options: ['--mode', 'truncate'] };

// The table is emptied before the checkpoint of the run before is replaced: a resume must not take the one for the result of the other.
for (const [what, first, again] of [
  ['a finished job, begun again', [], []],
  ['a paused job, begun again', ['--max-batches', '4'], ['--fresh']],
] as const) {
  describe(what, { skip: straceMissing() }, () => {
    let root: string;
    let expected: Result;
    let begun: string;

    before(async () => {
      root = await temporaryDirectory();
      expected = await uninterrupted(join(root, 'uninterrupted'), truncating);
      begun = await makePlace(join(root, 'begun'));
      const { code, stderr } = await runProgram(begun, copyWords(truncating, ...first));
      assert.equal(code, first.length > 0 ? 75 : 3, stderr);
    });

    test('and killed before fsyncs of its start', async () => {
      for (const when of every ? [1, 2, 3, 4, 5, 6, 7, 8] : [5, 6]) {
        const directory = await copyPlace(begun, join(root, `${when}`));
        const kill = { call: 'fsync', when, what: 'signal=SIGKILL' };
        assert.ok((await inject(directory, copyWords(truncating, ...again), kill)).killed);
        await demandSame(directory, truncating, expected, `${what}, killed before fsync ${when}`);
      }
    });
  });
}

// The unfinished file of the run before goes before its checkpoint does.
for (const kind of every ? [ndjson, gzip] : [ndjson]) {
  test(`an unfinished job, begun again and killed at any call of its start: ${kind.name}`, {
    skip: straceMissing(),
  }, async () => {
    const root = await temporaryDirectory();
    const expected = await uninterrupted(join(root, 'uninterrupted'), kind);
    const begun = await makePlace(join(root, 'begun'));
    assert.equal((await runProgram(begun, copyWords(kind, '--max-batches', '4'))).code, 75);
    for (const [call, last] of [
      ['unlink', 2],
      ['rename', 2],
      ['fsync', 6],
    ] as const) {
      for (let when = 1; when <= last; when++) {
        const what = `begun again, killed before ${call} ${when}`;
        const directory = await copyPlace(begun, join(root, `${call}-${when}`));
        const kill = { call, when, what: 'signal=SIGKILL' };
        assert.ok((await inject(directory, copyWords(kind, '--fresh'), kill)).killed, what);
        await demandSame(directory, kind, expected, what);
      }
    }
  });
}

test('begun again, and the target cannot be opened: the next run begins', async () => {
  const directory = await makePlace(join(await temporaryDirectory(), 'refused'));
  const expected = await uninterrupted(join(directory, 'uninterrupted'), ndjson);
  assert.equal((await runProgram(directory, copyWords(ndjson, '--max-batches', '4'))).code, 75);
  await mkdir(join(directory, ndjson.file));
  const refused = await runProgram(directory, copyWords(ndjson, '--fresh'));
  assert.equal(refused.code, 2, refused.stderr);
  await rmdir(join(directory, ndjson.file));
  await rm(join(directory, 'uninterrupted'), { recursive: true });
  await demandSame(directory, ndjson, expected, 'refused');
});

test('a database of another time, behind the checkpoint, is not written to', async () => {
  const directory = await makePlace(join(await temporaryDirectory(), 'behind'));
  const run = (...more: readonly string[]) => runProgram(directory, copyWords(sqlite, '--resume', ...more));
  assert.equal((await run('--max-batches', '2')).code, 75);
  const old = await readFile(join(directory, sqlite.file));
  assert.equal((await run('--max-batches', '2')).code, 75);
  await writeFile(join(directory, sqlite.file), old);
  const { code, stderr } = await run();
  assert.equal(code, 5, stderr);
  assert.match(stderr, /stands at 14 records, the checkpoint file at 28/);
  assert.deepEqual(await readFile(join(directory, sqlite.file)), old);
});

test('finished, and killed when only the ledger knew: the checkpoint learns of it', async () => {
  const directory = await makePlace(join(await temporaryDirectory(), 'finished'));
  const checkpoint = join(stateOf(directory), 'checkpoint.json');
  const run = (...more: readonly string[]) => runProgram(directory, copyWords(sqlite, '--resume', ...more));
  assert.equal((await run('--max-batches', '2')).code, 75);
  const old = await readFile(checkpoint);
  assert.equal((await run()).code, 3);
  await writeFile(checkpoint, old);
  const { code, stderr } = await run();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /nothing new/);
  assert.equal((await resultIn(directory, sqlite)).status, 'finished');
});
