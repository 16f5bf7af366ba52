import assert from 'node:assert/strict';
import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { createLogReporter } from '#tranche/reporters/log-file.js';
import { ended, progressed, started } from '../helpers/events.js';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tranche-'));
});
after(() => rm(folder, { recursive: true }));

test('one line an event with its time, for the owner alone, behind what was there', async () => {
  const path = join(folder, 'log');
  for (let run = 0; run < 2; run++) {
    const { report, close } = createLogReporter(path, 60_000);
    report(started({ columns: [] }));
    report({ type: 'warning', message: 'two\nlines' });
    for (let i = 0; i < 10; i++) report(progressed(i * 100));
    report(ended);
    close();
    close();
  }
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  assert.equal(lines.length, 12);
  for (const line of lines)
    assert.match(line, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (started|warning|progress|ended) /);
  assert.match(lines[3]!, /warning: two\\nlines$/);
  assert.match(lines[5]!, /ended finished in 1\.0 s: read 5, written 5, rejected 0, filtered 0, skipped 0$/);
  assert.equal((await lstat(path)).mode & 0o777, 0o600);
});

test('a symbolic link is refused, and what it points to is untouched', async () => {
  const victim = join(folder, 'victim');
  const link = join(folder, 'link');
  await writeFile(victim, 'mine');
  await symlink(victim, link);
  assert.throws(
    () => createLogReporter(link, 1000),
    (error: unknown) => error instanceof TrancheError && error.code === 'io' && error.path === link,
  );
  assert.equal(await readFile(victim, 'utf8'), 'mine');
});
