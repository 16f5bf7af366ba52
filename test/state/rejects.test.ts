import assert from 'node:assert/strict';
import { fstatSync } from 'node:fs';
import {
  appendFile,
  lstat,
  open,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, mock, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Reject } from '#tranche/core/reject.js';
import { rejectLine } from '#tranche/state/reject-line.js';
import { RejectsFile } from '#tranche/state/rejects.js';
import { anyCharacter } from '../helpers/any-character.js';
import { mockFsync } from '../helpers/mock-fsync.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let directory = '';
let path = '';
beforeEach(async () => {
  directory = await temporaryDirectory();
  path = join(directory, 'rejects.ndjson');
});

function reject(raw: string | Buffer, more: Partial<Reject> = {}): Reject {
  const bytes = Buffer.from(raw as string);
  return {
    at: { file: 'orders.csv', line: 7, offset: 123, record: 6 },
    reason: 'ragged',
    message: '3 fields where the header has 2',
    raw: bytes,
    length: bytes.length,
    attempts: 0,
    ...more,
  };
}

async function lines(): Promise<Record<string, unknown>[]> {
  const text = await readFile(path, 'utf8');
  assert.ok(text.endsWith('\n'));
  return text
    .slice(0, -1)
    .split('\n')
    .map(line => JSON.parse(line));
}

test('no reject, no file', async () => {
  const rejects = await RejectsFile.begin(path);
  await rejects.append([]);
  await rejects.sync();
  await rejects.truncate(0);
  await rejects.close();
  assert.equal(rejects.bytes, 0);
  assert.deepEqual(await readdir(directory), []);
});

test('a line holds where, why and what', async () => {
  const rejects = await RejectsFile.begin(path);
  await rejects.append([reject('1,"a\nb",3')]);
  await rejects.sync();
  await rejects.close();
  await rejects.close();
  assert.equal((await lstat(path)).mode & 0o777, 0o600);
  assert.equal(rejects.bytes, (await lstat(path)).size);
  const [{ time, ...line }] = (await lines()) as [Record<string, unknown>];
  assert.deepEqual(line, {
    file: 'orders.csv',
    line: 7,
    offset: 123,
    record: 6,
    reason: 'ragged',
    message: '3 fields where the header has 2',
    raw: '1,"a\nb",3',
    attempts: 0,
  });
  assert.ok(Math.abs(Date.parse(time as string) - Date.now()) < 60_000);
});

test('any bytes come back, as text where they are text', () => {
  const bytes = fc.oneof(
    fc.uint8Array().map(array => Buffer.from(array)),
    fc.string({ unit: anyCharacter }).map(string => Buffer.from(string)),
  );
  fc.assert(
    fc.property(bytes, raw => {
      const line = JSON.parse(rejectLine(reject(raw), 'now'));
      const text = Buffer.compare(Buffer.from(raw.toString()), raw) === 0;
      assert.equal(line.encoding, text ? undefined : 'base64');
      assert.deepEqual(Buffer.from(line.raw, line.encoding ?? 'utf8'), raw);
      assert.equal(line.truncated, undefined);
      assert.equal(line.length, undefined);
    }),
  );
});

test('text that was cut in the middle of a character stays text', () => {
  const whole = Buffer.from('a😀é€');
  const expected = ['', 'a', 'a', 'a', 'a', 'a😀', 'a😀', 'a😀é', 'a😀é', 'a😀é'];
  expected.forEach((raw, length) => {
    const cut = reject(whole.subarray(0, length), { length: whole.length });
    const line = JSON.parse(rejectLine(cut, 'now'));
    assert.deepEqual(
      [line.raw, line.encoding, line.truncated, line.length],
      [raw, undefined, true, whole.length],
      `cut at ${length}`,
    );
  });
});

test('other bytes that were cut are all kept', () => {
  for (const raw of [Buffer.from([0xff, 0xfe, 0xc3]), Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80])]) {
    const line = JSON.parse(rejectLine(reject(raw, { length: 100 }), 'now'));
    assert.deepEqual([line.encoding, line.truncated, line.length], ['base64', true, 100]);
    assert.deepEqual(Buffer.from(line.raw, 'base64'), raw);
  }
});

test('a batch that is tried again takes its rejects back', async () => {
  const rejects = await RejectsFile.begin(path);
  await rejects.append([reject('one')]);
  const mark = rejects.bytes;
  await rejects.append([reject('a very long one that must not show through'), reject('three')]);
  await rejects.truncate(mark);
  assert.equal(rejects.bytes, mark);
  assert.equal((await lstat(path)).size, mark);
  await rejects.append([reject('two')]);
  await rejects.close();
  assert.deepEqual(
    (await lines()).map(line => line.raw),
    ['one', 'two'],
  );
});

test('goes on at the mark; what is behind it is taken back', async () => {
  const first = await RejectsFile.begin(path);
  await first.append([reject('one')]);
  const mark = first.bytes;
  await first.append([reject('not in the checkpoint')]);
  await first.close();
  await appendFile(path, '{"torn');
  const second = await RejectsFile.resume(path, mark);
  assert.equal(second.bytes, mark);
  assert.equal((await lstat(path)).size, mark);
  await second.append([reject('two')]);
  await second.sync();
  await second.close();
  assert.deepEqual(
    (await lines()).map(line => line.raw),
    ['one', 'two'],
  );
});

test('goes on at nothing: whether a file was made or not', async () => {
  const none = await RejectsFile.resume(path, 0);
  assert.deepEqual(await readdir(directory), []);
  await none.append([reject('one')]);
  await none.close();
  const again = await RejectsFile.resume(path, 0);
  assert.equal((await lstat(path)).size, 0);
  await again.append([reject('two')]);
  await again.close();
  assert.deepEqual(
    (await lines()).map(line => line.raw),
    ['two'],
  );
});

test('a file that is shorter than its mark, or gone, is another file', async () => {
  const first = await RejectsFile.begin(path);
  await first.append([reject('one')]);
  await first.close();
  await truncate(path, first.bytes - 1);
  const short = {
    code: 'target_changed',
    message: new RegExp(`has ${first.bytes - 1} bytes.* ${first.bytes} bytes`),
  };
  await assert.rejects(RejectsFile.resume(path, first.bytes), short);
  assert.equal((await lstat(path)).size, first.bytes - 1);
  await rm(path);
  await assert.rejects(RejectsFile.resume(path, first.bytes), { code: 'target_changed', message: /is gone/ });
  assert.deepEqual(await readdir(directory), []);
});

test("a file that is not the job's is neither written nor cut", async () => {
  await writeFile(path, 'precious');
  await assert.rejects(RejectsFile.begin(path), { code: 'target_exists', hint: /--rejects/ });
  assert.equal(await readFile(path, 'utf8'), 'precious');
});

test('a file that appears after the start is not written either', async () => {
  const rejects = await RejectsFile.begin(path);
  await writeFile(path, 'precious');
  await assert.rejects(rejects.append([reject('one')]), { code: 'io', message: /exists already/ });
  await rejects.close();
  assert.equal(await readFile(path, 'utf8'), 'precious');
});

test('a symbolic link in its place is refused, and what it leads to is untouched', async () => {
  const victim = join(directory, 'victim');
  await writeFile(victim, 'precious');
  await symlink(victim, path);
  await assert.rejects(RejectsFile.begin(path), { code: 'target_exists' });
  await assert.rejects(RejectsFile.resume(path, 0), { code: 'io', message: /symbolic link/ });
  assert.equal(await readFile(victim, 'utf8'), 'precious');
  await rm(victim);
  await assert.rejects(RejectsFile.begin(path), { code: 'target_exists' });
  await assert.rejects(RejectsFile.resume(path, 0), { code: 'io', message: /symbolic link/ });
});

test('a missing directory is an error that names the file', async () => {
  const rejects = await RejectsFile.begin(join(directory, 'no', 'rejects'));
  await assert.rejects(rejects.append([reject('one')]), { code: 'io', message: /no\/rejects.*no such file/ });
});

test('the name of a new file is durable before its first line is counted', async () => {
  const rejects = await RejectsFile.begin(path);
  const synced: boolean[] = [];
  const sync = mockFsync(async descriptor => {
    synced.push(fstatSync(descriptor).isDirectory());
  });
  try {
    await rejects.append([reject('one')]);
    await rejects.append([reject('two')]);
    assert.deepEqual(synced, [true]);
    await (await RejectsFile.resume(path, rejects.bytes)).close();
    assert.deepEqual(synced, [true, true]);
  } finally {
    sync.mock.restore();
    await rejects.close();
  }
});

test('sync flushes what was appended, once; an fsync that failed is never tried again', async () => {
  const rejects = await RejectsFile.begin(path);
  await rejects.append([reject('one')]);
  const handle = await open(path);
  const flush = mock.method(Object.getPrototypeOf(handle), 'datasync', async () => {});
  try {
    await rejects.sync();
    await rejects.sync();
    assert.equal(flush.mock.callCount(), 1);
    await rejects.append([reject('two')]);
    flush.mock.mockImplementationOnce(async () => {
      throw Object.assign(new Error('i/o error'), { code: 'EIO' });
    });
    const failed = { code: 'io', operation: 'fdatasync', message: /EIO/ };
    await assert.rejects(rejects.sync(), failed);
    await assert.rejects(rejects.sync(), failed);
    assert.equal(flush.mock.callCount(), 2);
  } finally {
    flush.mock.restore();
    await handle.close();
    await rejects.close();
  }
});

test('a sync waits for the flush that another one began, and fails with it', async () => {
  const rejects = await RejectsFile.begin(path);
  await rejects.append([reject('one')]);
  const handle = await open(path);
  let fail = () => {};
  const flush = mock.method(
    Object.getPrototypeOf(handle),
    'datasync',
    () => new Promise<void>((_, reject) => (fail = () => reject(new Error('i/o error')))),
  );
  try {
    const both = [rejects.sync(), rejects.sync()];
    while (flush.mock.callCount() === 0) await nextTurn();
    fail();
    const [first, second] = await Promise.allSettled(both);
    assert.equal(first?.status, 'rejected');
    assert.equal(second?.status, 'rejected');
    assert.equal(flush.mock.callCount(), 1);
  } finally {
    flush.mock.restore();
    await handle.close();
    await rejects.close();
  }
});

test('what is appended while a sync lasts is flushed by the next one', async () => {
  const rejects = await RejectsFile.begin(path);
  await rejects.append([reject('one')]);
  const handle = await open(path);
  let end = () => {};
  const flush = mock.method(
    Object.getPrototypeOf(handle),
    'datasync',
    () => new Promise<void>(done => (end = done)),
  );
  try {
    const first = rejects.sync();
    await rejects.append([reject('two')]);
    end();
    await first;
    const second = rejects.sync();
    while (flush.mock.callCount() < 2) await nextTurn();
    end();
    await second;
    assert.equal(flush.mock.callCount(), 2);
  } finally {
    flush.mock.restore();
    await handle.close();
    await rejects.close();
  }
});
