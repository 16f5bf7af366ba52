import assert from 'node:assert/strict';
import { fstatSync } from 'node:fs';
import { lstat, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { beforeEach, test } from 'node:test';
import { createJobDirectory, jobDirectory, jobFiles, listJobs } from '#tranche/state/job-directory.js';
import { acquireLock } from '#tranche/state/lock.js';
import { clearJob, removeJob } from '#tranche/state/remove-job.js';
import { mockFsync } from '../helpers/mock-fsync.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const me = { job: 'nightly', pid: process.pid, host: 'here' };

let stateDir = '';
beforeEach(async () => {
  stateDir = join(await temporaryDirectory(), 'deep', 'er', '.tranche');
});

/** A job with all the files that a job may have. */
async function makeJob(job: string): Promise<string> {
  const directory = jobDirectory(stateDir, job);
  await createJobDirectory(directory);
  await (await acquireLock(directory, me)).release();
  const { checkpoint, rejects, journal } = jobFiles(directory);
  for (const path of [checkpoint, rejects, journal, `${checkpoint}.0123456789ab.tmp`])
    await writeFile(path, 'x');
  return directory;
}

test('is absolute, and made for its owner alone, parents and all, once or twice', async () => {
  const directory = jobDirectory(relative(process.cwd(), stateDir), 'nightly');
  assert.equal(directory, join(stateDir, 'nightly'));
  await createJobDirectory(directory);
  await createJobDirectory(directory);
  for (const path of [stateDir, directory]) assert.equal((await lstat(path)).mode & 0o777, 0o700);
});

test('every directory that got a new name in it is synced, and the state directory each time', async () => {
  const base = join(stateDir, '..', '..', '..');
  await writeFile(join(base, 'not empty'), '');
  const synced: number[] = [];
  const sync = mockFsync(async descriptor => {
    synced.push(fstatSync(descriptor).ino);
  });
  const inode = async (path: string) => (await lstat(path)).ino;
  try {
    await createJobDirectory(jobDirectory(stateDir, 'nightly'));
    const parents = [base, join(base, 'deep'), join(base, 'deep', 'er'), stateDir];
    assert.deepEqual(synced.splice(0), await Promise.all(parents.map(inode)));
    await createJobDirectory(jobDirectory(stateDir, 'nightly'));
    assert.deepEqual(synced.splice(0), [await inode(stateDir)]);
    // As a run leaves it that was killed before it could sync the name.
    await rm(join(stateDir, 'nightly'), { recursive: true });
    await createJobDirectory(jobDirectory(stateDir, 'nightly'));
    assert.deepEqual(synced, [await inode(join(base, 'deep', 'er')), await inode(stateDir)]);
  } finally {
    sync.mock.restore();
  }
});

test('names of jobs', () => {
  for (const good of ['a', 'nightly', 'Orders_2024.v2-b', '_x', '0', 'x'.repeat(100)]) {
    assert.equal(jobDirectory('/s', good), `/s/${good}`);
  }
  const bad = ['', '.', '..', '.hidden', '-x', 'a/b', 'a\\b', 'a b', 'a\n', 'é', 'a\0', 'x'.repeat(101)];
  for (const name of bad) assert.throws(() => jobDirectory('/s', name), { code: 'usage', hint: /100/ }, name);
});

test('a symbolic link or a file in its place is refused', async () => {
  await mkdir(join(stateDir, 'elsewhere'), { recursive: true });
  await symlink(join(stateDir, 'elsewhere'), join(stateDir, 'link'));
  await symlink(join(stateDir, 'nowhere'), join(stateDir, 'dangling'));
  await writeFile(join(stateDir, 'file'), '');
  for (const job of ['link', 'dangling', 'file']) {
    await assert.rejects(
      createJobDirectory(jobDirectory(stateDir, job)),
      { code: 'io', message: /symbolic link or a file/ },
      job,
    );
  }
});

test('the state directory may be a symbolic link, not a file', async () => {
  const base = await temporaryDirectory();
  await mkdir(join(base, 'real'));
  await symlink(join(base, 'real'), join(base, 'state'));
  await createJobDirectory(jobDirectory(join(base, 'state'), 'nightly'));
  assert.deepEqual(await readdir(join(base, 'real')), ['nightly']);
  await writeFile(join(base, 'file'), '');
  await assert.rejects(createJobDirectory(jobDirectory(join(base, 'file'), 'nightly')), {
    code: 'io',
    path: join(base, 'file'),
  });
});

test('lists jobs, and only these', async () => {
  assert.deepEqual(await listJobs(stateDir), []);
  await makeJob('orders');
  await makeJob('flights');
  const begun = jobDirectory(stateDir, 'begun');
  await createJobDirectory(begun);
  await (await acquireLock(begun, me)).release();
  await mkdir(join(stateDir, 'photos'));
  await writeFile(join(stateDir, 'notes'), '');
  await symlink(join(stateDir, 'orders'), join(stateDir, 'link'));
  assert.deepEqual(await listJobs(stateDir), ['begun', 'flights', 'orders']);
  await assert.rejects(listJobs(join(stateDir, 'notes')), { code: 'io' });
});

test('a job is removed with all its files', async () => {
  const directory = await makeJob('nightly');
  await makeJob('other');
  await removeJob(directory);
  assert.deepEqual(await listJobs(stateDir), ['other']);
  assert.deepEqual(await readdir(stateDir), ['other']);
});

test("a job's directory with something else in it stays, with that alone", async () => {
  const directory = await makeJob('nightly');
  await writeFile(join(directory, 'notes.txt'), 'mine');
  await removeJob(directory);
  assert.deepEqual(await readdir(directory), ['notes.txt']);
  assert.deepEqual(await listJobs(stateDir), []);
});

test('a job that runs is not removed', async () => {
  const directory = await makeJob('nightly');
  const before = await readdir(directory);
  const lock = await acquireLock(directory, me);
  await assert.rejects(removeJob(directory), { code: 'job_locked', message: /"nightly".*here/ });
  assert.deepEqual(await readdir(directory), before);
  await lock.release();
});

test('a job that never was cannot be removed', async () => {
  await assert.rejects(removeJob(jobDirectory(stateDir, 'nightly')), { code: 'io' });
});

test('to begin anew takes checkpoint and rejects away, and keeps journal and lock', async () => {
  const directory = await makeJob('nightly');
  const lock = await acquireLock(directory, me);
  await clearJob(directory);
  await clearJob(directory);
  await lock.release();
  assert.deepEqual((await readdir(directory)).sort(), ['journal.ndjson', 'lock']);
});
