import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { unlinkSync, writeFileSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TrancheError } from '#tranche/core/errors.js';
import { openDatabase } from '#tranche/sqlite/driver.js';
import { acquireLock, lockHolder } from '#tranche/state/lock.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const holder = fileURLToPath(new URL('../helpers/hold-lock.js', import.meta.url));
const watcher = fileURLToPath(new URL('../helpers/watch-lock.js', import.meta.url));
const me = { job: 'nightly', pid: process.pid, host: hostname() };

let directory = '';
const children: ChildProcess[] = [];
beforeEach(async () => {
  directory = await temporaryDirectory();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Another process that tried to take the lock (or looks at it), and the first line it said. */
async function other(program = holder): Promise<{ child: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [program, directory], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return { child, said: await line(child) };
}

async function line(child: ChildProcess): Promise<string> {
  const [bytes] = (await once(child.stdout!, 'data')) as [Buffer];
  return bytes.toString().trim();
}

test('a second process is refused within a second, and told who holds the lock', async () => {
  const { child, said } = await other();
  assert.equal(said, 'held');
  const begun = performance.now();
  await assert.rejects(acquireLock(directory, me), (error: TrancheError) => {
    assert.equal(error.code, 'job_locked');
    assert.match(error.message, new RegExp(`"nightly" .* process ${child.pid} on ${hostname()} since 20`));
    assert.match(error.hint!, new RegExp(`kill ${child.pid}`));
    return true;
  });
  assert.ok(performance.now() - begun < 1000);
  const holder = await lockHolder(directory);
  assert.deepEqual([holder?.pid, holder?.host], [child.pid, hostname()]);
  assert.ok(Date.parse(holder!.since) <= Date.now());
});

test('after kill -9 there is nothing to wait for', async () => {
  const { child } = await other();
  const died = once(child, 'exit');
  child.kill('SIGKILL');
  await died;
  assert.equal(await lockHolder(directory), null);
  const begun = performance.now();
  const lock = await acquireLock(directory, me);
  assert.ok(performance.now() - begun < 500, 'it waited');
  assert.equal((await lockHolder(directory))?.pid, process.pid);
  await lock.release();
});

test('a process that sleeps still holds its lock', async () => {
  const { child } = await other();
  child.kill('SIGSTOP');
  await assert.rejects(acquireLock(directory, me), { code: 'job_locked' });
  assert.equal((await lockHolder(directory))?.pid, child.pid);
});

test('held here, refused there, and free after the release', async () => {
  const lock = await acquireLock(directory, me);
  assert.equal((await other()).said, 'job_locked');
  await lock.release();
  await lock.release();
  assert.equal((await other()).said, 'held');
});

test('looking, failing to lock, and other locks of this process do not loosen the lock', async () => {
  const lock = await acquireLock(directory, me);
  const second = join(directory, 'second');
  await mkdir(second);
  const another = await acquireLock(second, { ...me, job: 'second' });
  await assert.rejects(acquireLock(directory, me), { code: 'job_locked' });
  assert.equal((await lockHolder(directory))?.pid, process.pid);
  await another.release();
  assert.equal(await lockHolder(second), null);
  assert.equal((await other()).said, 'job_locked');
  await lock.release();
});

test('looking does not disturb runs that begin', async () => {
  const { child } = await other(watcher);
  for (let i = 0; i < 200; i++) {
    const lock = await acquireLock(directory, me);
    await lock.release();
    await new Promise(setImmediate);
  }
  child.stdin!.end();
  assert.ok(Number(await line(child)) > 0);
});

test('who only looks is given a moment to end its look', async () => {
  const lock = await acquireLock(directory, me);
  const begun = performance.now();
  await lockHolder(directory);
  const looked = performance.now();
  await assert.rejects(acquireLock(directory, me), { code: 'job_locked' });
  const ended = performance.now();
  await lock.release();
  assert.ok(looked - begun >= 40, `a look gave up after ${looked - begun} ms`);
  assert.ok(ended - looked >= 150, `a run gave up after ${ended - looked} ms`);
});

test('only one of many processes gets the lock', async () => {
  const all = await Promise.all(Array.from({ length: 4 }, () => other()));
  const said = all.map(one => one.said).sort();
  assert.deepEqual(said, ['held', ...Array.from({ length: 3 }, () => 'job_locked')]);
});

test('a lock outlives the garbage collector', async () => {
  await acquireLock(directory, me);
  const { setFlagsFromString } = await import('node:v8');
  setFlagsFromString('--expose-gc');
  const { runInNewContext } = await import('node:vm');
  runInNewContext('gc')();
  await new Promise(setImmediate);
  runInNewContext('gc')();
  assert.equal((await lockHolder(directory))?.pid, process.pid);
});

test('leaves one small private file behind', async () => {
  const lock = await acquireLock(directory, me);
  assert.deepEqual(await readdir(directory), ['lock']);
  await lock.release();
  assert.deepEqual(await readdir(directory), ['lock']);
  const stats = await lstat(join(directory, 'lock'));
  assert.deepEqual([stats.mode & 0o777, stats.size], [0o600, 512]);
});

test('looking leaves nothing behind', async () => {
  assert.equal(await lockHolder(directory), null);
  assert.deepEqual(await readdir(directory), []);
});

test('an empty lock file, as a power cut may leave it, is as good as none', async () => {
  await writeFile(join(directory, 'lock'), '', { mode: 0o600 });
  assert.equal(await lockHolder(directory), null);
  await (await acquireLock(directory, me)).release();
});

test('a host of any length and characters is named', async () => {
  for (const host of ["o'brien; DROP", 'h'.repeat(1000), 'хост']) {
    const lock = await acquireLock(directory, { ...me, host });
    assert.equal((await lockHolder(directory))?.host, host);
    await lock.release();
  }
});

test('a symbolic link in its place is refused, and what it leads to is untouched', async () => {
  const victim = join(directory, 'victim');
  await writeFile(victim, 'precious');
  await symlink(victim, join(directory, 'lock'));
  await assert.rejects(acquireLock(directory, me), { code: 'io', message: /not a plain file/ });
  await assert.rejects(lockHolder(directory), { code: 'io' });
  assert.equal(await readFile(victim, 'utf8'), 'precious');
  await rm(victim);
  await assert.rejects(acquireLock(directory, me), { code: 'io' });
  assert.deepEqual(await readdir(directory), ['lock']);
});

test('a damaged lock file is named together with its remedy', async () => {
  await writeFile(join(directory, 'lock'), 'x'.repeat(2000));
  const expected = { code: 'io', hint: `remove ${join(directory, 'lock')}: it holds nothing but the lock` };
  await assert.rejects(acquireLock(directory, me), expected);
  await assert.rejects(lockHolder(directory), expected);
});

test('a missing directory is an error', async () => {
  await assert.rejects(acquireLock(join(directory, 'no'), me), { code: 'io', message: /no such file/ });
  assert.equal(await lockHolder(join(directory, 'no')), null);
});

test('a lock on a file that was removed or replaced in the meantime is no lock', async () => {
  const path = join(directory, 'lock');
  const connection = await openDatabase(join(directory, 'any.db'));
  const driver: { exec(sql: string): unknown } = Object.getPrototypeOf(connection);
  const exec = driver.exec;
  connection.close();
  for (const replaced of [false, true]) {
    // Between the opening of the file and the lock on it.
    const mocked = mock.method(driver, 'exec', function (this: unknown, sql: string) {
      mocked.mock.restore();
      unlinkSync(path);
      if (replaced) writeFileSync(path, '');
      return exec.call(this, sql);
    });
    const lock = await acquireLock(directory, me);
    await assert.rejects(acquireLock(directory, me), { code: 'job_locked' });
    await lock.release();
  }
});
