import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import { tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
beforeEach(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id\n1\n2,3\n4\n');
});

const words = ['copy', 'in.csv', 'out.ndjson', '--job', 'job', '--max-errors', '100%'];

// A symbolic link where the journal should be was a warning, and one where rejects should be was removed.
for (const name of ['checkpoint.json', 'rejects.ndjson', 'journal.ndjson', 'lock']) {
  for (const [what, victim] of [
    ['a file', 'victim'],
    ['nothing', 'nowhere'],
  ] as const) {
    for (const more of [[], ['--resume'], ['--fresh']]) {
      test(`${name} is a link to ${what}: refused ${more}`, async () => {
        await mkdir(join(cwd, '.tranche/job'), { recursive: true });
        await writeFile(join(cwd, 'victim'), 'precious');
        await symlink(join(cwd, victim), join(cwd, '.tranche/job', name));
        const { code, stderr } = await tranche([...words, ...more], { cwd });
        assert.equal(code, 1, stderr);
        assert.ok(stderr.includes(name) && stderr.includes('link'), stderr);
        assert.equal(await readFile(join(cwd, 'victim'), 'utf8'), 'precious');
        assert.deepEqual((await readdir(cwd)).sort(), ['.tranche', 'in.csv', 'victim']);
        assert.deepEqual(await readdir(join(cwd, '.tranche/job')), [name]);
      });
    }
  }
}

for (const name of ['lock-journal', 'lock-wal', 'checkpoint.json.0123456789ab.tmp']) {
  test(`${name} is a link: what it points to is untouched`, async () => {
    assert.equal((await tranche(words, { cwd })).code, 3);
    await rm(join(cwd, 'out.ndjson'));
    await writeFile(join(cwd, 'victim'), 'precious');
    await symlink(join(cwd, 'victim'), join(cwd, '.tranche/job', name));
    const { code, stderr } = await tranche(words, { cwd });
    assert.ok(code === 1 || code === 3, stderr);
    assert.equal(await readFile(join(cwd, 'victim'), 'utf8'), 'precious');
  });
}
