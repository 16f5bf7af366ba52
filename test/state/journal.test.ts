import assert from 'node:assert/strict';
import { lstat, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import type { TrancheError } from '#tranche/core/errors.js';
import { JournalFile } from '#tranche/state/journal.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let directory = '';
let path = '';
let failures: TrancheError[] = [];
beforeEach(async () => {
  directory = await temporaryDirectory();
  path = join(directory, 'journal.ndjson');
  failures = [];
});

function journal(run: number): JournalFile {
  return new JournalFile(path, run, error => failures.push(error));
}

async function entries(): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  assert.ok(text.endsWith('\n'));
  return text
    .slice(0, -1)
    .split('\n')
    .map(line => JSON.parse(line));
}

test('a line an event, in the order of the calls, over all runs', async () => {
  const first = journal(1);
  const writes = Array.from({ length: 50 }, (_, i) => first.write('checkpoint', { i }));
  await Promise.all(writes);
  await first.close();
  await first.close();
  const second = journal(2);
  await second.write('resumed', { at: 'line\nbreak' });
  await second.close();
  const all = await entries();
  assert.deepEqual(
    all.map(({ run, event, i, at }) => [run, event, i ?? at]),
    [...Array.from({ length: 50 }, (_, i) => [1, 'checkpoint', i]), [2, 'resumed', 'line\nbreak']],
  );
  assert.match(String(all[0]!['time']), /^\d{4}-\d\d-\d\dT.*Z$/);
  assert.equal((await lstat(path)).mode & 0o777, 0o600);
  assert.deepEqual(failures, []);
});

test('close waits for what was not awaited', async () => {
  const one = journal(1);
  void one.write('started', {});
  await one.close();
  assert.equal((await entries()).length, 1);
});

test('a line that a killed run left without an end does not swallow the next', async () => {
  await writeFile(path, '{"event":"started"}\n{"event":"che');
  const one = journal(2);
  await one.write('resumed', {});
  await one.close();
  const lines = (await readFile(path, 'utf8')).split('\n');
  assert.deepEqual(lines.slice(0, 2), ['{"event":"started"}', '{"event":"che']);
  assert.equal(JSON.parse(lines[2]!).event, 'resumed');
});

test('a failed write is told once and ends nothing', async () => {
  await rm(directory, { recursive: true });
  const one = journal(1);
  await one.write('started', {});
  await one.write('finished', {});
  await one.close();
  assert.deepEqual(
    failures.map(error => error.code),
    ['io'],
  );
  assert.match(failures[0]!.message, /cannot write .*journal\.ndjson: no such file/);
});

test('a symbolic link in its place is refused, and what it leads to is untouched', async () => {
  const victim = join(directory, 'victim');
  await writeFile(victim, 'precious');
  await symlink(victim, path);
  const one = journal(1);
  await one.write('started', {});
  await one.close();
  assert.match(failures[0]!.message, /symbolic link/);
  assert.equal(await readFile(victim, 'utf8'), 'precious');
});
