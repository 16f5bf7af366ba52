import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { test } from 'node:test';
import { DurableFile } from '#tranche/durable/durable-file.js';
import { WriteBehind } from '#tranche/storage/write-behind.js';

test('a full device: the first failure is that of every later call, and nothing is put behind the gap', async t => {
  const file = new DurableFile('/dev/full', await open('/dev/full', 'r+'));
  t.after(() => file.close());
  const writer = new WriteBehind(file, 0);
  await writer.append(Buffer.from('small'));
  await assert.rejects(writer.flush(), /ENOSPC/);
  await assert.rejects(writer.append(Buffer.from('x')), /ENOSPC/);
  await assert.rejects(writer.append(Buffer.alloc(2_000_000)), /ENOSPC/);
  await assert.rejects(writer.flush(), /ENOSPC/);
  await writer.stop();
});

/** A file whose writes answer when the test lets them. */
class SlowFile {
  readonly writes: { length: number; position: number; finish: (error?: Error) => void }[] = [];

  write(bytes: Uint8Array, position: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error) => (error ? reject(error) : resolve());
      this.writes.push({ length: bytes.length, position, finish });
    });
  }
}

const settled = () => new Promise(resolve => setImmediate(resolve));

test('one write at a time; the next collection is filled meanwhile, and a third has to wait', async () => {
  const file = new SlowFile();
  const writer = new WriteBehind(file as never, 100);
  const piece = Buffer.alloc(600_000);
  await writer.append(piece); // collected
  await writer.append(piece); // hands the first over, collects
  await settled();
  assert.deepEqual(
    file.writes.map(({ length, position }) => [length, position]),
    [[600_000, 100]],
  );
  let third = false;
  const waiting = writer.append(piece).then(() => {
    third = true;
  });
  await settled();
  assert.equal(file.writes.length, 1);
  assert.equal(third, false);
  file.writes[0]!.finish();
  await waiting;
  await settled();
  assert.deepEqual([file.writes[1]!.length, file.writes[1]!.position], [600_000, 600_100]);
  const flushed = writer.flush();
  file.writes[1]!.finish();
  await settled();
  assert.deepEqual([file.writes[2]!.length, file.writes[2]!.position], [600_000, 1_200_100]);
  file.writes[2]!.finish();
  await flushed;
});

test('after a failed write the ones that wait are not begun', async () => {
  const file = new SlowFile();
  const writer = new WriteBehind(file as never, 0);
  const first = writer.append(Buffer.alloc(2_000_000));
  const second = writer.append(Buffer.alloc(2_000_000));
  await settled();
  file.writes[0]!.finish(new Error('EIO'));
  await assert.rejects(first, /EIO/);
  await assert.rejects(second, /EIO/);
  assert.equal(file.writes.length, 1);
});
