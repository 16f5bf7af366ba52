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
      const told = await demandOrder(directory, kind, calls, disk);
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
        const told = await demandOrder(directory, kind, calls, disk);
        assert.deepEqual(told.at(-1), { status: 'finished', read: 60 });
      });
    }
  });
}
