import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openFileInput, readSlice } from '#tranche/storage/file-input.js';
import { fileIdentity, hashRange, hashTail } from '#tranche/storage/identity.js';
import { readAll } from './read-all.js';
import { temporaryDirectory } from './temporary.js';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

test('reads from every offset, whatever the size of the reads', async t => {
  const path = join(await temporaryDirectory(t), 'f');
  const bytes = Buffer.from('The quick brown fox\njumps\n');
  await writeFile(path, bytes);
  for (let offset = 0; offset <= bytes.length + 1; offset++) {
    for (const size of [1, 7, 100]) {
      const input = await openFileInput(path, offset);
      assert.equal(input.waypoint(offset), null);
      assert.deepEqual(await readAll(input, size), bytes.subarray(offset));
    }
  }
  assert.equal((await readSlice(path, 4, 5)).toString(), 'quick');
  assert.equal((await readSlice(path, 20, 100)).toString(), 'jumps\n');
});

test('says what is wrong with a source', async t => {
  const directory = await temporaryDirectory(t);
  const pipe = join(directory, 'pipe');
  await promisify(execFile)('mkfifo', [pipe]);
  await assert.rejects(openFileInput(join(directory, 'none'), 0), { code: 'source_missing' });
  await assert.rejects(openFileInput(directory, 0), { code: 'source_unreadable' });
  await assert.rejects(openFileInput(pipe, 0), { code: 'source_unreadable', hint: /-/ });
});

test('follows symbolic links', async t => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'f'), 'x');
  await symlink('f', join(directory, 'l'));
  assert.equal((await readAll(await openFileInput(join(directory, 'l'), 0))).toString(), 'x');
});

test('a file that grew is known by the head that it had', async t => {
  const path = join(await temporaryDirectory(t), 'f');
  await writeFile(path, 'abc');
  const was = await fileIdentity(path);
  assert.deepEqual([was.size, was.headBytes, was.head], [3, 3, sha256(Buffer.from('abc'))]);
  await appendFile(path, 'def');
  const now = await fileIdentity(path, was.headBytes);
  assert.deepEqual([now.size, now.head], [6, was.head]);
  assert.notEqual((await fileIdentity(path)).head, was.head);
});

test('hashes of ranges, beyond one piece and beyond the end', async t => {
  const path = join(await temporaryDirectory(t), 'f');
  const bytes = Buffer.alloc(700_001);
  for (let i = 0; i < bytes.length; i++) bytes[i] = i % 251;
  await writeFile(path, bytes);
  assert.equal((await fileIdentity(path)).head, sha256(bytes.subarray(0, 65_536)));
  assert.equal(hashRange(path, 3, 650_000), sha256(bytes.subarray(3, 650_000)));
  assert.equal(hashRange(path, 9, 9), sha256(Buffer.alloc(0)));
  assert.equal(hashRange(path, 600_000, 9e9), sha256(bytes.subarray(600_000)));
  assert.equal(hashTail(path, 100_000), sha256(bytes.subarray(100_000 - 65_536, 100_000)));
  assert.equal(hashTail(path, 10), sha256(bytes.subarray(0, 10)));
});
