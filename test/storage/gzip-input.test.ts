import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { openGzipInput } from '#tranche/storage/gzip-input.js';
import type { ResumeInput } from '#tranche/storage/resume-input.js';
import { readAll } from './read-all.js';
import { temporaryDirectory } from './temporary.js';

const fromStart: ResumeInput = { offset: 0, waypoint: null, progressing: () => {} };

/** A BGZF block, as bgzip writes it. */
function block(data: Buffer): Buffer {
  const deflated = deflateRawSync(data);
  const header = Buffer.from('1f8b08040000000000ff060042430200', 'hex');
  const size = Buffer.alloc(2);
  size.writeUInt16LE(header.length + 2 + deflated.length + 8 - 1);
  return Buffer.concat([header, size, deflated, trailer(data)]);
}

function trailer(data: Buffer): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc32(data), 0);
  bytes.writeUInt32LE(data.length, 4);
  return bytes;
}

/** A member with every optional part of a header. */
function decorated(data: Buffer, name: string): Buffer {
  const header = Buffer.from([0x1f, 0x8b, 8, 0x1e, 0, 0, 0, 0, 0, 3]);
  const extra = Buffer.from([5, 0, 0x41, 0x42, 1, 0, 9]);
  const rest = Buffer.concat([Buffer.from(`${name}\0a comment\0`, 'latin1'), Buffer.from([0, 0])]);
  return Buffer.concat([header, extra, rest, deflateRawSync(data), trailer(data)]);
}

/** Text that compresses about as real data does. */
function text(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = i % 61 === 60 ? 10 : 0x61 + ((state >>> 16) % 11);
  }
  return bytes;
}

async function fileOf(directory: string, ...members: Buffer[]): Promise<string> {
  const path = join(directory, 'f.gz');
  await writeFile(path, Buffer.concat(members));
  return path;
}

test('one member, read in any pieces', async t => {
  const bytes = text(1_500_000);
  const path = await fileOf(await temporaryDirectory(t), gzipSync(bytes));
  for (const size of [777, 65_536, 5_000_000]) {
    assert.ok((await readAll(await openGzipInput(path, fromStart), size)).equals(bytes));
  }
});

test('data that does not compress, data that compresses a thousandfold, and stored blocks', async t => {
  const directory = await temporaryDirectory(t);
  for (const bytes of [Buffer.alloc(3_000_000), text(900_000)]) {
    for (const level of [0, 1, 9]) {
      const path = await fileOf(directory, gzipSync(bytes, { level }));
      assert.ok((await readAll(await openGzipInput(path, fromStart))).equals(bytes));
    }
  }
});

test('members of every kind, empty ones among them', async t => {
  const parts = [text(100), text(0), text(400_000, 2), text(65_000, 3), text(0), text(3, 4)];
  const kinds = [
    (data: Buffer) => gzipSync(data),
    block,
    (data: Buffer) => decorated(data, 'name'),
    (data: Buffer) => decorated(data, 'n'.repeat(300_000)),
  ];
  const directory = await temporaryDirectory(t);
  for (const [i, kind] of kinds.entries()) {
    for (const other of kinds.slice(i)) {
      const members = parts.map((part, p) =>
        (p % 2 || part.length > 65_000 ? gzipSync : p % 3 ? kind : other)(part),
      );
      const path = await fileOf(directory, ...members);
      assert.ok((await readAll(await openGzipInput(path, fromStart))).equals(Buffer.concat(parts)));
    }
  }
});

test('a thousand BGZF blocks and the empty one behind them', async t => {
  const parts = Array.from({ length: 1000 }, (_, i) => text(500 + (i % 7) * 900, i));
  const path = await fileOf(await temporaryDirectory(t), ...parts.map(block), block(Buffer.alloc(0)));
  assert.ok((await readAll(await openGzipInput(path, fromStart))).equals(Buffer.concat(parts)));
});

test('the length that a BGZF block claims is not relied on', async t => {
  const data = text(5000);
  const lying = block(data);
  lying.writeUInt16LE(lying.length - 30, 16);
  const path = await fileOf(await temporaryDirectory(t), block(data), lying, block(data));
  assert.ok((await readAll(await openGzipInput(path, fromStart))).equals(Buffer.concat([data, data, data])));
});

test('resumes at every offset, from the waypoint as from the start', async t => {
  const parts = [text(40), text(0), text(33, 2), text(21, 3)];
  const directory = await temporaryDirectory(t);
  for (const kind of [(data: Buffer) => gzipSync(data), block]) {
    const members = parts.map(kind);
    const path = await fileOf(directory, ...members);
    const whole = Buffer.concat(parts);
    for (let offset = 0; offset <= whole.length; offset++) {
      const first = await openGzipInput(path, fromStart);
      await first.read(Buffer.alloc(200), 0, 200);
      await first.read(Buffer.alloc(1), 0, 1); // to the end, so that every member is known
      const waypoint = first.waypoint(offset);
      await first.close();
      for (const known of [waypoint, null]) {
        const input = await openGzipInput(path, { ...fromStart, offset, waypoint: known });
        assert.deepEqual(await readAll(input, 9), whole.subarray(offset));
      }
      const before = [0, 40, 73, 94].filter(start => start <= offset).length - 1;
      assert.equal(waypoint?.['offset'], [0, 40, 73, 94][before]);
      const at = [0, members[0]!.length + members[1]!.length, 0, 0];
      at[2] = at[1]! + members[2]!.length;
      at[3] = at[2] + members[3]!.length;
      assert.equal(waypoint?.['at'], at[before]);
    }
  }
});

test('waypoints follow the offsets that are asked for, not what was read ahead', async t => {
  const members = [10, 20, 30].map(n => gzipSync(text(n)));
  const path = await fileOf(await temporaryDirectory(t), ...members);
  const input = await openGzipInput(path, fromStart);
  await input.read(Buffer.alloc(60), 0, 60);
  const offsets = [0, 9, 10, 11, 29, 30, 59].map(offset => input.waypoint(offset)?.['offset']);
  assert.deepEqual(offsets, [0, 0, 10, 10, 10, 30, 30]);
  await input.close();
});

test('goes on behind the end when members were added', async t => {
  const [one, two] = [gzipSync(text(100)), gzipSync(text(50, 2))];
  const directory = await temporaryDirectory(t);
  const path = await fileOf(directory, one);
  const first = await openGzipInput(path, fromStart);
  await first.read(Buffer.alloc(200), 0, 200);
  const waypoint = first.waypoint(100);
  await first.close();
  assert.deepEqual(waypoint, { at: one.length, offset: 100 });
  await fileOf(directory, one, two);
  assert.deepEqual(
    await readAll(await openGzipInput(path, { ...fromStart, offset: 100, waypoint })),
    text(50, 2),
  );
});

test('a waypoint behind the offset is not used', async t => {
  const members = [gzipSync(text(10)), gzipSync(text(20, 2))];
  const path = await fileOf(await temporaryDirectory(t), ...members);
  const input = await openGzipInput(path, {
    ...fromStart,
    offset: 4,
    waypoint: { at: members[0]!.length, offset: 10 },
  });
  assert.deepEqual(await readAll(input), Buffer.concat([text(10), text(20, 2)]).subarray(4));
});

test('tells how far it has wound forward, and stops when it is told to', async t => {
  const bytes = text(10_000_000);
  const path = await fileOf(await temporaryDirectory(t), gzipSync(bytes, { level: 1 }));
  const told: [string, number, number | undefined][] = [];
  const input = await openGzipInput(path, {
    offset: 9_999_990,
    waypoint: null,
    progressing: (...progress) => told.push(progress),
  });
  assert.deepEqual(await readAll(input), bytes.subarray(-10));
  assert.deepEqual(told[0], [`winding forward ${path}`, 0, 9_999_990]);
  assert.deepEqual(told.at(-1), [`wound forward ${path}`, 9_999_990, 9_999_990]);
  assert.equal(told.length, 4);
  const aborting = new AbortController();
  const stopped = openGzipInput(path, {
    offset: 9_999_990,
    waypoint: null,
    signal: aborting.signal,
    progressing: (_what, done) => done > 0 && aborting.abort(new Error('stop')),
  });
  await assert.rejects(stopped, /stop/);
});

test('a file cut at any byte but a member boundary is an error, and no byte of it is made up', async t => {
  const parts = [text(90), text(120, 2)];
  const directory = await temporaryDirectory(t);
  for (const kind of [(data: Buffer) => gzipSync(data), block, (data: Buffer) => decorated(data, 'x')]) {
    const members = parts.map(kind);
    const whole = Buffer.concat(members);
    for (let cut = 0; cut < whole.length; cut++) {
      const path = await fileOf(directory, whole.subarray(0, cut));
      const input = await openGzipInput(path, fromStart);
      if (cut === members[0]!.length) {
        assert.deepEqual(await readAll(input), parts[0]);
        continue;
      }
      const got: Buffer[] = [];
      await assert.rejects(
        async () => {
          for (;;) {
            const piece = Buffer.alloc(16);
            const count = await input.read(piece, 0, 16);
            if (count === 0) return;
            got.push(piece.subarray(0, count));
          }
        },
        {
          code: 'source_unreadable',
          message: new RegExp(`compressed byte ${cut}: is it still being written`),
        },
      );
      const bytes = Buffer.concat(got);
      assert.deepEqual(bytes, Buffer.concat(parts).subarray(0, bytes.length));
      if (cut > members[0]!.length) assert.ok(bytes.length >= parts[0]!.length);
      await assert.rejects(input.read(Buffer.alloc(1), 0, 1), { code: 'source_unreadable' });
      await input.close();
    }
  }
});

test('a flipped bit is an error or changes nothing', async t => {
  const directory = await temporaryDirectory(t);
  const data = text(40);
  for (const member of [gzipSync(data), block(data)]) {
    for (let bit = 0; bit < member.length * 8; bit += 3) {
      const bad = Buffer.from(member);
      bad[bit >> 3]! ^= 1 << (bit & 7);
      const path = await fileOf(directory, bad);
      let read: Buffer | null = null;
      try {
        read = await readAll(await openGzipInput(path, fromStart));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'source_unreadable', String(error));
      }
      if (read !== null) {
        assert.ok(read.equals(data), `bit ${bit}`);
        assert.ok(bit < (member.length - 8) * 8, 'every bit of checksum and length matters');
      }
    }
  }
});

test('zeros behind the data are ignored, anything else is not', async t => {
  const directory = await temporaryDirectory(t);
  const member = gzipSync(text(50));
  const path = await fileOf(directory, member, Buffer.alloc(600_000));
  assert.deepEqual(await readAll(await openGzipInput(path, fromStart)), text(50));
  for (const garbage of ['x', '\x00x', '\x1f\x8c', 'garbage', `${'\x00'.repeat(400_000)}y`]) {
    await fileOf(directory, member, Buffer.from(garbage, 'latin1'));
    await assert.rejects(readAll(await openGzipInput(path, fromStart)), {
      code: 'source_unreadable',
      message: new RegExp(`damaged at compressed byte ${member.length}`),
    });
  }
});

test('what is no gzip file at all is named so', async t => {
  const path = await fileOf(await temporaryDirectory(t), Buffer.from('id,name\n1,a\n'));
  await assert.rejects(readAll(await openGzipInput(path, fromStart)), /does not begin with gzip data/);
});

test('a file that became shorter than the offset is a changed source', async t => {
  const path = await fileOf(await temporaryDirectory(t), gzipSync(text(50)));
  await assert.rejects(openGzipInput(path, { ...fromStart, offset: 51 }), { code: 'source_changed' });
});

test('a bomb does not grow in memory', async t => {
  const part = gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 9 });
  const path = await fileOf(await temporaryDirectory(t), part, part, part);
  const input = await openGzipInput(path, fromStart);
  const before = process.memoryUsage().rss;
  const piece = Buffer.alloc(1024 * 1024);
  await input.read(piece, 0, 10);
  await new Promise(resolve => setImmediate(resolve));
  assert.ok(process.memoryUsage().rss - before < 16 * 1024 * 1024);
  let total = 10;
  for (let count = 1; count > 0; total += count) count = await input.read(piece, 0, piece.length);
  assert.equal(total, 3 * 64 * 1024 * 1024);
  assert.ok(process.memoryUsage().rss - before < 48 * 1024 * 1024);
  await input.close();
});

test('closing during a read ends the read with an error, never as if the file had ended', async t => {
  const path = await fileOf(await temporaryDirectory(t), gzipSync(text(4_000_000)));
  const input = await openGzipInput(path, fromStart);
  const buffer = Buffer.alloc(8_000_000);
  const reading = input.read(buffer, 0, buffer.length);
  await input.close();
  const outcome = await reading
    .then(
      async count => {
        assert.ok(count > 0);
        await input.read(buffer, 0, 1);
        return 'read on';
      },
      () => 'failed',
    )
    .catch(() => 'failed');
  assert.equal(outcome, 'failed');
});

test('members cut anywhere give the bytes they were made of', async t => {
  const directory = await temporaryDirectory(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(3000), fc.boolean(), fc.nat(9)), { minLength: 1, maxLength: 12 }),
      fc.nat(40_000),
      fc.integer({ min: 1, max: 5000 }),
      async (shapes, where, size) => {
        const parts = shapes.map(([length], i) => text(length, i));
        const members = parts.map((part, i) =>
          shapes[i]![1] ? block(part) : gzipSync(part, { level: shapes[i]![2] }),
        );
        const path = await fileOf(directory, ...members);
        const whole = Buffer.concat(parts);
        const offset = Math.min(where, whole.length);
        const first = await openGzipInput(path, fromStart);
        await first.read(Buffer.alloc(offset + 1), 0, offset);
        const waypoint = first.waypoint(offset);
        await first.close();
        const rest = await readAll(await openGzipInput(path, { ...fromStart, offset, waypoint }), size);
        assert.ok(rest.equals(whole.subarray(offset)));
      },
    ),
    { numRuns: 60 },
  );
});
