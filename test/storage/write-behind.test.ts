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
  const piece = Buffer.alloc(200_000);
  for (let i = 0; i < 5; i++) await writer.append(piece); // collected
  await writer.append(piece); // hands the first five over, collects
  for (let i = 0; i < 4; i++) await writer.append(piece);
  await settled();
  assert.deepEqual(
    file.writes.map(({ length, position }) => [length, position]),
    [[1_000_000, 100]],
  );
  let eleventh = false;
  const waiting = writer.append(piece).then(() => {
    eleventh = true;
  });
  await settled();
  assert.equal(file.writes.length, 1);
  assert.equal(eleventh, false);
  file.writes[0]!.finish();
  await waiting;
  await settled();
  assert.deepEqual([file.writes[1]!.length, file.writes[1]!.position], [1_000_000, 1_000_100]);
  const flushed = writer.flush();
  file.writes[1]!.finish();
  await settled();
  assert.deepEqual([file.writes[2]!.length, file.writes[2]!.position], [200_000, 2_000_100]);
  file.writes[2]!.finish();
  await flushed;
});

test('a large piece is written as it is, and in use until the next call answers', async () => {
  const file = new SlowFile();
  const writer = new WriteBehind(file as never, 0);
  const large = Buffer.alloc(1_100_000);
  await writer.append(large); // answers at once: the next one can be made meanwhile
  for (const next of [Buffer.alloc(1_100_000), Buffer.alloc(10)]) {
    let answered = false;
    const waiting = writer.append(next).then(() => {
      answered = true;
    });
    await settled();
    assert.equal(answered, false);
    file.writes.at(-1)!.finish();
    await waiting;
    await settled();
  }
  const flushed = writer.flush();
  await settled();
  file.writes.at(-1)!.finish();
  await flushed;
  assert.deepEqual(
    file.writes.map(({ length, position }) => [length, position]),
    [
      [1_100_000, 0],
      [1_100_000, 1_100_000],
      [10, 2_200_000],
    ],
  );
});

test('after a failed write the ones that wait are not begun', async () => {
  const file = new SlowFile();
  const writer = new WriteBehind(file as never, 0);
  await writer.append(Buffer.alloc(2_000_000));
  const second = writer.append(Buffer.alloc(2_000_000));
  await settled();
  file.writes[0]!.finish(new Error('EIO'));
  await assert.rejects(second, /EIO/);
  await assert.rejects(writer.flush(), /EIO/);
  assert.equal(file.writes.length, 1);
});
