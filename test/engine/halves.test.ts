import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { middleOf, remainingHalves } from '#tranche/engine/halves.js';
import { type Portion, wholeBatch } from '#tranche/engine/portion.js';
import { splitBefore } from '#tranche/engine/split-portion.js';
import { fakeBatch } from '../helpers/fake-job.js';

const boundsOf = ({ from, to }: Portion) => [from, to];

/** Halves a batch again and again around its bad records. Answers the pieces that were still to be sent after each that was done. */
function* halved(portion: Portion, bad: ReadonlySet<number>, then: readonly Portion[]): Generator<Portion[]> {
  const { from, to } = portion;
  const isGood = ![...bad].some(index => index >= from && index < to);
  if (isGood || to - from === 1) return yield [...then];
  const [first, second] = splitBefore(portion, middleOf(portion));
  yield* halved(first, bad, [second, ...then]);
  yield* halved(second, bad, then);
}

test('what is left of a batch that is being halved is sent in the pieces in which it would have been', () => {
  const bad = fc.uniqueArray(fc.nat({ max: 39 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), bad, (count, indices) => {
      const whole = wholeBatch(fakeBatch(count), 1);
      for (const left of halved(whole, new Set(indices.map(index => index % count)), [])) {
        const [next] = left;
        if (!next) continue;
        const [, rest] = splitBefore(whole, next.from);
        assert.deepEqual([...remainingHalves(rest)].map(boundsOf), left.map(boundsOf));
      }
    }),
  );
});

test('a whole batch, and the end of one that has no good records, are sent as they are', () => {
  const whole = wholeBatch(fakeBatch(7), 1);
  assert.deepEqual([...remainingHalves(whole)].map(boundsOf), [[0, 7]]);
  const [, end] = splitBefore(whole, 7);
  assert.deepEqual([...remainingHalves(end)].map(boundsOf), [[7, 7]]);
});
