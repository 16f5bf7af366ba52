import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ResumeInput } from '#tranche/storage/resume-input.js';
import { openStdinInput } from '#tranche/storage/stdin-input.js';
import { readAll } from './read-all.js';

const fromStart: ResumeInput = { offset: 0, waypoint: null, progressing: () => {} };
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A stream of `bytes` in chunks of `size`. */
function streamOf(bytes: Buffer, size: number): Readable {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks, { objectMode: false });
}

test('reads to the end, whatever the chunks, and knows the hash of what comes before every offset', async () => {
  const bytes = Buffer.from('abcdefghijklmnopqrstuvwxyz');
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }),
      fc.array(fc.nat(26), { maxLength: 10 }),
      async (size, reads, asked) => {
        const input = await openStdinInput(streamOf(bytes, size), fromStart);
        const offsets = asked.sort((a, b) => a - b);
        const buffer = Buffer.alloc(bytes.length);
        let at = 0;
        for (let i = 0; ; i++) {
          const count = await input.read(
            buffer,
            at,
            Math.min(reads[i % reads.length]!, buffer.length - at || 1),
          );
          if (count === 0) break;
          at += count;
          // Asked late, as a reader does whose batches end far behind what it has read.
          while (offsets.length > 0 && offsets[0]! + 3 <= at) {
            const offset = offsets.shift()!;
            assert.deepEqual(input.waypoint(offset), { sha256: sha256(bytes.subarray(0, offset)) });
          }
        }
        assert.deepEqual(buffer, bytes);
        assert.deepEqual(input.waypoint(26), { sha256: sha256(bytes) });
        await input.close();
      },
    ),
  );
});

test('resumes at every offset, and its hash goes on', async () => {
  const bytes = Buffer.from('one\ntwo\nthree\n');
  for (let offset = 0; offset <= bytes.length; offset++) {
    for (const size of [1, 5, 100]) {
      const waypoint = { sha256: sha256(bytes.subarray(0, offset)) };
      const input = await openStdinInput(streamOf(bytes, size), { ...fromStart, offset, waypoint });
      assert.deepEqual(input.waypoint(offset), waypoint);
      assert.deepEqual(await readAll(input, 4), bytes.subarray(offset));
      assert.deepEqual(input.waypoint(bytes.length), { sha256: sha256(bytes) });
    }
  }
});

test('other bytes, or fewer, before the offset are a changed source', async () => {
  const waypoint = { sha256: sha256(Buffer.from('abcd')) };
  for (const text of ['abce1234', 'Abcd1234', 'abc', '']) {
    const opening = openStdinInput(streamOf(Buffer.from(text), 3), { ...fromStart, offset: 4, waypoint });
    await assert.rejects(opening, { code: 'source_changed' });
  }
  const opening = openStdinInput(streamOf(Buffer.from('abcd'), 3), {
    ...fromStart,
    offset: 4,
    waypoint: null,
  });
  await assert.rejects(opening, { code: 'source_changed' });
});

test('answers with what there is, without waiting for more', async () => {
  const stream = new PassThrough();
  const input = await openStdinInput(stream, fromStart);
  const buffer = Buffer.alloc(100);
  const reading = input.read(buffer, 0, 100);
  stream.write('line\n');
  assert.equal(await reading, 5);
  stream.end();
  assert.equal(await input.read(buffer, 0, 100), 0);
  assert.equal(await input.read(buffer, 0, 100), 0);
});

test('a failure of the stream, or its closing before the end, is an error', async () => {
  const failing = new PassThrough();
  const input = await openStdinInput(failing, fromStart);
  const reading = input.read(Buffer.alloc(9), 0, 9);
  failing.destroy(Object.assign(new Error('EISDIR'), { code: 'EISDIR' }));
  await assert.rejects(reading, { code: 'io', path: 'stdin' });

  const closing = new PassThrough();
  const other = await openStdinInput(closing, fromStart);
  const waiting = other.read(Buffer.alloc(9), 0, 9);
  await other.close();
  await assert.rejects(waiting, { code: 'io' });
});

test('tells that it reads forward, and stops when it is told to', async () => {
  const bytes = Buffer.alloc(9_000_000, 'x');
  const told: [string, number, number | undefined][] = [];
  const aborting = new AbortController();
  const opening = openStdinInput(streamOf(bytes, 65_536), {
    offset: 9_000_000,
    waypoint: null,
    signal: aborting.signal,
    progressing: (...progress) => {
      told.push(progress);
      if (told.length === 3) aborting.abort(new Error('stop'));
    },
  });
  await assert.rejects(opening, /stop/);
  assert.deepEqual(told[0], ['reading stdin forward', 0, 9_000_000]);
  assert.equal(told.length, 3);
});
