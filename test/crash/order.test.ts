import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { temporaryDirectory } from '../helpers/temporary.js';
import { Disk } from './disk.js';
import { every } from './extent.js';
import { copyWords, gzip, hurried, makePlace, ndjson, sqlite } from './job.js';
import { demandOrder } from './rules.js';
import { inject, straceMissing, trace } from './strace.js';

const skip = straceMissing();

for (const kind of every ? [hurried, ndjson, gzip, sqlite] : [hurried, sqlite]) {
  describe(`what is durable, and when: ${kind.name}`, { skip }, () => {
    let root: string;
    before(async () => {
      root = await temporaryDirectory();
    });

    test('no checkpoint leads the data', async () => {
      const directory = await makePlace(join(root, 'run'));
      const disk = new Disk(directory);
      const { calls, code, stderr } = await trace(directory, copyWords(kind));
      assert.equal(code, 3, stderr);
      const told = demandOrder(directory, kind, calls, disk);
      assert.ok(told.length >= 4, 'there have to be checkpoints to look at');
      assert.deepEqual(told.at(-1), { status: 'finished', read: 60 });
    });

    for (const [call, when] of [
      ['fsync', 1],
      ['rename', 2],
      ['fdatasync', 3],
    ] as const) {
      test(`nor after a kill before ${call} ${when}`, async () => {
        const directory = await makePlace(join(root, `${call}-${when}`));
        const disk = new Disk(directory);
        const kill = { call, when, what: 'signal=SIGKILL', logAll: true };
        const first = await inject(directory, copyWords(kind), kill);
        assert.ok(first.killed);
        disk.replay(first.calls);
        await disk.afterKill();
        const { calls, code, stderr } = await trace(directory, copyWords(kind, '--resume'));
        assert.equal(code, 3, stderr);
        const told = demandOrder(directory, kind, calls, disk);
        assert.deepEqual(told.at(-1), { status: 'finished', read: 60 });
      });
    }

    test('nor when a flush fails', async () => {
      const directory = await makePlace(join(root, 'failing'));
      const failure = { call: 'fdatasync', when: 3, what: 'error=EIO', logAll: true };
      const { calls, code, stderr } = await inject(directory, copyWords(kind), failure);
      assert.equal(code, 1, stderr);
      const told = demandOrder(directory, kind, calls, new Disk(directory));
      assert.equal(told.at(-1)?.status, 'failed');
    });
  });
}

test('killed between the last rename and its fsync: the name is made durable all the same', {
  skip,
}, async () => {
  const directory = await makePlace(join(await temporaryDirectory(), 'killed'));
  // The directory is synced for that of the state, for the new .part, and for its final name.
  const kill = { call: 'fsync', when: 3, what: 'signal=SIGKILL', paths: [directory] };
  assert.ok((await inject(directory, copyWords(ndjson), kill)).killed);
  const disk = new Disk(directory);
  await disk.trustAllBut(ndjson.file);
  assert.ok(disk.find(ndjson.file));
  const { calls } = await trace(directory, copyWords(ndjson, '--resume'));
  const told = demandOrder(directory, ndjson, calls, disk);
  assert.deepEqual(told.at(-1), { status: 'finished', read: 60 });
});
