import assert from 'node:assert/strict';
import { isUtf8 } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Input } from '#tranche/storage/input.js';
import { type Encoding, TranscodeInput } from '#tranche/storage/transcode-input.js';
import { readAll } from './read-all.js';

/** An input that answers at most `most` bytes a read. */
class Bytes implements Input {
  readonly #bytes: Buffer;
  readonly #most: number;
  #at: number;

  constructor(bytes: Buffer, at = 0, most = 1e9) {
    this.#bytes = bytes;
    this.#at = at;
    this.#most = most;
  }

  async read(buffer: Buffer, at: number, length: number): Promise<number> {
    const count = this.#bytes.copy(buffer, at, this.#at, this.#at + Math.min(length, this.#most));
    this.#at += count;
    return count;
  }

  waypoint(offset: number) {
    return { inner: offset };
  }

  async close(): Promise<void> {}
}

const decode = (bytes: Buffer, encoding: Encoding, size?: number, most?: number) =>
  readAll(new TranscodeInput(new Bytes(bytes, 0, most), encoding, 0, null), size);

const everyByte = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

test('latin1 is ISO-8859-1, byte for byte', async () => {
  assert.equal((await decode(everyByte, 'latin1')).toString(), everyByte.toString('latin1'));
});

test('windows-1252 is that of WHATWG, byte for byte', async () => {
  // Not from TextDecoder: that of Node 20 takes it for ISO-8859-1.
  const middle = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
  const latin1 = everyByte.toString('latin1');
  const expected = latin1.slice(0, 0x80) + middle + latin1.slice(0xa0);
  assert.equal((await decode(everyByte, 'windows-1252')).toString(), expected);
});

test('UTF-16 in both orders, whatever the sizes of the reads', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      async (text, size, most) => {
        const little = Buffer.from(text, 'utf16le');
        const big = Buffer.from(little).swap16();
        assert.equal((await decode(little, 'utf-16le', size, most)).toString(), text);
        assert.equal((await decode(big, 'utf-16be', size, most)).toString(), text);
      },
    ),
  );
});

test('a byte order mark decides and stays in; without one it is little-endian', async () => {
  for (const most of [1, 2, 100]) {
    assert.equal((await decode(Buffer.from('fffe6100', 'hex'), 'utf-16', 9, most)).toString(), '\ufeffa');
    assert.equal((await decode(Buffer.from('feff0061', 'hex'), 'utf-16', 9, most)).toString(), '\ufeffa');
    assert.equal((await decode(Buffer.from('61006200', 'hex'), 'utf-16', 9, most)).toString(), 'ab');
  }
});

test('half a surrogate pair and half a code unit are never valid UTF-8, and spoil nothing beside them', async () => {
  const cases: [string, string][] = [
    ['610000d86200', '61eda08062'], // high alone
    ['610000dc6200', '61edb08062'], // low alone
    ['00dc00d8', 'edb080eda080'], // the wrong way round
    ['00d800d800dc', 'eda080f0908080'], // high, then a pair
    ['610000d8', '61eda080'], // high at the end
    ['610062', '61ff'], // half a unit at the end
    ['00d862', 'eda080ff'],
    ['62', 'ff'],
  ];
  for (const [raw, utf8] of cases) {
    for (const most of [1, 2, 3, 100]) {
      const got = await decode(Buffer.from(raw, 'hex'), 'utf-16', 5, most);
      assert.equal(got.toString('hex'), utf8);
      assert.equal(isUtf8(got), false);
      const input = new TranscodeInput(new Bytes(Buffer.alloc(0)), 'utf-16', 0, null);
      assert.equal(input.rawLength(got, 0, got.length), raw.length / 2);
    }
  }
});

test('raw lengths lead to the raw offsets, and an input resumed there yields the rest', async () => {
  const text = 'aé€😀\n"ß",\u0080ÿ';
  const samples: [Encoding, Buffer][] = [
    ['latin1', Buffer.from(text.replace(/[€😀]/gu, '?'), 'latin1')],
    ['windows-1252', everyByte],
    ['utf-16', Buffer.concat([Buffer.from('fffe', 'hex'), Buffer.from(text, 'utf16le')])],
    ['utf-16', Buffer.concat([Buffer.from('feff', 'hex'), Buffer.from(text, 'utf16le').swap16()])],
    ['utf-16be', Buffer.from(text, 'utf16le').swap16()],
  ];
  for (const [encoding, raw] of samples) {
    const input = new TranscodeInput(new Bytes(raw), encoding, 0, null);
    const utf8 = await readAll(input);
    for (let at = 0; at <= utf8.length; at++) {
      if (at < utf8.length && (utf8[at]! & 0xc0) === 0x80) continue;
      const offset = input.rawLength(utf8, 0, at);
      const again = new TranscodeInput(new Bytes(raw, offset), encoding, offset, input.waypoint(offset));
      assert.deepEqual(await readAll(again, 2), utf8.subarray(at), `${encoding} at ${offset}`);
    }
    assert.equal(input.rawLength(utf8, 0, utf8.length), raw.length);
    assert.equal(input.waypoint(7)?.['inner'], 7);
  }
});

test('more than one piece', async () => {
  const text = 'aé€😀'.repeat(50_000);
  assert.equal((await decode(Buffer.from(text, 'utf16le'), 'utf-16')).toString(), text);
  assert.equal((await decode(Buffer.alloc(200_000, 0x80), 'windows-1252')).toString(), '€'.repeat(200_000));
});
