import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { link, open, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { syncDirectory } from '#tranche/durable/directory.js';
import { DurableFile, openExclusive, openExisting } from '#tranche/durable/durable-file.js';
import { removeTemporaries, replaceFile } from '#tranche/durable/replace-file.js';
import { temporaryDirectory } from '../storage/temporary.js';

const causedBy = (code: string) => (error: Error & { cause?: NodeJS.ErrnoException }) => {
  assert.equal(error.name, 'TrancheError');
  assert.equal(error.cause?.code, code);
  return true;
};

test('a new file is private, and never one that was there', async t => {
  const path = join(await temporaryDirectory(t), 'new');
  const file = await openExclusive(path);
  await file.close();
  await file.close();
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await assert.rejects(openExclusive(path), causedBy('EEXIST'));
});

test('a symbolic link is refused, dangling or not, and what it points to is untouched', async t => {
  const directory = await temporaryDirectory(t);
  const [victim, to, dangling] = ['victim', 'link', 'dangling'].map(name => join(directory, name));
  await writeFile(victim!, 'precious');
  await symlink(victim!, to!);
  await symlink(join(directory, 'nowhere'), dangling!);
  await assert.rejects(openExclusive(to!), causedBy('EEXIST'));
  await assert.rejects(openExclusive(dangling!), causedBy('EEXIST'));
  await assert.rejects(openExisting(to!), causedBy('ELOOP'));
  assert.equal(await readFile(victim!, 'utf8'), 'precious');
});

test('directories and pipes are refused at once', async t => {
  const directory = await temporaryDirectory(t);
  const pipe = join(directory, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  await assert.rejects(openExisting(directory), causedBy('EISDIR'));
  await assert.rejects(openExisting(pipe), /pipe/);
});

test('short writes and short reads are continued', async t => {
  const path = join(await temporaryDirectory(t), 'short');
  const handle = await open(path, constants.O_CREAT | constants.O_RDWR, 0o600);
  const write = handle.write.bind(handle) as (
    b: Uint8Array,
    o: number,
    l: number,
    p: number,
  ) => Promise<{ bytesWritten: number }>;
  const read = handle.read.bind(handle) as (
    b: Buffer,
    o: number,
    l: number,
    p: number,
  ) => Promise<{ bytesRead: number }>;
  let calls = 0;
  const short = Object.create(handle, {
    write: {
      value: (b: Uint8Array, o: number, l: number, p: number) => {
        calls++;
        return write(b, o, Math.min(l, 3), p);
      },
    },
    read: { value: (b: Buffer, o: number, l: number, p: number) => read(b, o, Math.min(l, 3), p) },
    close: { value: () => handle.close() },
  });
  const file = new DurableFile(path, short);
  await file.write(Buffer.from('0123456789'), 2);
  assert.equal(calls, 4);
  const bytes = Buffer.alloc(20);
  assert.equal(await file.read(bytes, 1), 11);
  assert.equal(bytes.toString('latin1', 0, 11), '\x000123456789');
  await file.close();
});

test('a full device is named with operation, path and cause', async t => {
  const handle = await open('/dev/full', 'r+');
  const file = new DurableFile('/dev/full', handle);
  t.after(() => file.close());
  await assert.rejects(
    file.write(Buffer.from('x'), 0),
    /cannot write \/dev\/full: no space left on the device \(ENOSPC\)/,
  );
});

test('a failed fsync is never tried again, whichever kind', async () => {
  let calls = 0;
  const failing = () => {
    calls++;
    return Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO' }));
  };
  const file = new DurableFile('f', { datasync: failing, sync: () => Promise.resolve() } as never);
  await assert.rejects(file.syncData(), /cannot fdatasync f: .*\(EIO\)/);
  await assert.rejects(file.syncData(), /EIO/);
  await assert.rejects(file.sync(), /EIO/);
  assert.equal(calls, 1);
});

test('replacing gives the new bytes and leaves nothing beside them', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'state.json');
  await replaceFile(path, Buffer.from('one'));
  await replaceFile(path, Buffer.from('two'));
  assert.equal(await readFile(path, 'utf8'), 'two');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(directory), ['state.json']);
});

test('replacing makes another file: who has the old one open, or linked, keeps it', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'a');
  await writeFile(path, 'old');
  await link(path, join(directory, 'b'));
  await replaceFile(path, Buffer.from('new'));
  assert.equal(await readFile(join(directory, 'b'), 'utf8'), 'old');
});

test('a replacement that fails leaves the old file and no temporary one', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'occupied');
  await promisify(execFile)('mkdir', ['-p', join(path, 'inside')]);
  await assert.rejects(replaceFile(path, Buffer.from('x')), /cannot rename/);
  assert.deepEqual(await readdir(directory), ['occupied']);
});

test('only its own leftovers are removed', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'c.json');
  for (const name of ['c.json', 'c.json.0123456789ab.tmp', 'c.json.tmp', 'd.json.0123456789ab.tmp']) {
    await writeFile(join(directory, name), '');
  }
  await removeTemporaries(path);
  assert.deepEqual((await readdir(directory)).sort(), ['c.json', 'c.json.tmp', 'd.json.0123456789ab.tmp']);
});

test('a directory that is missing cannot be synced', async t => {
  const directory = await temporaryDirectory(t);
  await syncDirectory(directory);
  await assert.rejects(syncDirectory(join(directory, 'nowhere')), causedBy('ENOENT'));
  // A person who reads "cannot fsync ." knows nothing.
  await assert.rejects(syncDirectory('nowhere'), {
    message: new RegExp(`cannot fsync ${process.cwd()}/nowhere:`),
  });
});
