import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearest } from '#tranche/core/nearest.js';

test('the nearest word is found through one letter more, less, other or swapped', () => {
  const words = ['resume', 'retries', 'rename'];
  for (const typo of ['resum', 'resumee', 'resune', 'reusme', 'RESUME']) {
    assert.equal(nearest(typo, words), 'resume', typo);
  }
});

test('a word that is like none of them suggests nothing', () => {
  assert.equal(nearest('delimiter', ['resume', 'retries']), undefined);
  assert.equal(nearest('xy', ['ab']), undefined);
  assert.equal(didYouMean('delimiter', ['resume']), '');
});

test('the nearer of two words wins', () => {
  assert.equal(nearest('integr', ['interval', 'integer']), 'integer');
  assert.equal(didYouMean('integr', ['integer']), ' (did you mean "integer"?)');
});
