import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { StreamOutput } from '#tranche/storage/stream-output.js';

test('waits for a reader that is slower, and counts on from the mark', async () => {
  const stream = new PassThrough({ highWaterMark: 4 });
  const output = new StreamOutput(stream, 'stdout', { bytes: 10 });
  assert.equal(output.isEmpty, false);
  assert.equal(new StreamOutput(stream, 'stdout', null).isEmpty, true);
  let done = false;
  const appending = output
    .append(Buffer.from('0123456789'))
    .then(() => output.append(Buffer.from('abc')))
    .then(() => {
      done = true;
    });
  await new Promise(resolve => setImmediate(resolve));
  assert.equal(done, false);
  const read: Buffer[] = [];
  stream.on('data', chunk => read.push(chunk));
  await appending;
  await output.sync();
  assert.equal(Buffer.concat(read).toString(), '0123456789abc');
  assert.deepEqual(output.mark(), { bytes: 23 });
  await output.close(true);
  await output.close(true);
  assert.equal(stream.writableEnded, false);
});

test('sync waits for the writes that nobody waits for', async () => {
  const answers: (() => void)[] = [];
  const stream = new Writable({ write: (_chunk, _encoding, answer) => void answers.push(answer) });
  const output = new StreamOutput(stream, 'stdout', null);
  void output.append(Buffer.from('a'));
  void output.append(Buffer.from('b'));
  let synced = false;
  const syncing = output.sync().then(() => {
    synced = true;
  });
  for (let i = 0; i < 2; i++) {
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(synced, false);
    answers[i]!();
  }
  await syncing;
});

test('a reader that has gone is told apart from other failures, and for ever', async () => {
  const stream = new Writable({
    write: (_chunk, _encoding, answer) => answer(Object.assign(new Error('EPIPE'), { code: 'EPIPE' })),
  });
  const output = new StreamOutput(stream, 'stdout', null);
  await assert.rejects(output.append(Buffer.from('x')), { code: 'output_closed' });
  await assert.rejects(output.append(Buffer.from('x')), { code: 'output_closed' });
  await assert.rejects(output.sync(), { code: 'output_closed' });
  await assert.rejects(output.close(true), { code: 'output_closed' });
  await output.close(false);
});

test('a stream that was destroyed counts as closed', async () => {
  const stream = new PassThrough();
  const output = new StreamOutput(stream, 'stdout', null);
  stream.destroy();
  await assert.rejects(output.append(Buffer.from('x')), { code: 'output_closed' });
});

test('a full device is named', async t => {
  const stream = createWriteStream('/dev/full');
  t.after(() => stream.destroy());
  const output = new StreamOutput(stream, 'stdout', null);
  await assert.rejects(output.append(Buffer.from('x')), {
    code: 'io',
    message: /cannot write stdout: no space left.*ENOSPC/,
  });
});

test('a stream to which nothing was written gets what an empty result consists of, once', async () => {
  for (const mark of [null, { bytes: 3 }]) {
    const stream = new PassThrough();
    const output = new StreamOutput(stream, 'stdout', mark, Buffer.from('id\n'));
    await output.close(false);
    assert.equal(stream.readableLength, 0);
    await output.close(true);
    await output.close(true);
    assert.equal(stream.readableLength, mark === null ? 3 : 0);
  }
});
