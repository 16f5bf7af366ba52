import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstByte, foundEither, fourTimes } from '#tranche/formats/csv/words.js';

const byte = fc.oneof(
  fc.constantFrom(0, 9, 10, 13, 14, 34, 44, 0x7f, 0x80, 0xff),
  fc.integer({ min: 0, max: 255 }),
);
const word = fc.tuple(byte, byte, byte, byte);

/** Which bytes have bit 7 set in the answer. */
const flags = (bits: number) => [0, 1, 2, 3].map(i => ((bits >>> (8 * i)) & 0xff) === 0x80);

test('exactly the wanted bytes and those up to CR are found', () => {
  fc.assert(
    fc.property(word, byte, byte, (bytes, one, other) => {
      const read = Buffer.from(bytes).readInt32LE();
      const either = foundEither(read, fourTimes(one), fourTimes(other));
      assert.deepEqual(
        flags(either),
        bytes.map(b => b === one || b === other || b <= 13),
      );
      if (either !== 0) assert.equal(firstByte(either), flags(either).indexOf(true));
    }),
    { numRuns: 2000 },
  );
});
