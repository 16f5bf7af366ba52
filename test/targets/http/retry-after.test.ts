import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterOf } from '#tranche/targets/http/retry-after.js';

const now = Date.UTC(1994, 10, 6, 8, 49, 37);

for (const [value, date, expected] of [
  ['0', undefined, 0],
  ['120', undefined, 120_000],
  ['Sun, 06 Nov 1994 08:49:47 GMT', undefined, 10_000],
  ['Sunday, 06-Nov-94 08:49:47 GMT', undefined, 10_000],
  ['Sun Nov  6 08:49:47 1994', undefined, 10_000],
  ['Sun, 06 Nov 1994 08:49:00 GMT', undefined, 0],
  ['Sun, 06 Nov 1994 09:49:47 GMT', 'Sun, 06 Nov 1994 09:49:37 GMT', 10_000],
  ['Sun, 06 Nov 1994 08:49:47 GMT', 'yesterday', 10_000],
  ['-1', undefined, undefined],
  ['1e3', undefined, undefined],
  ['soon', undefined, undefined],
  ['', undefined, undefined],
  [undefined, undefined, undefined],
] as const) {
  test(`Retry-After: ${value}${date === undefined ? '' : `, Date: ${date}`}`, () => {
    assert.equal(retryAfterOf(value, date, now), expected);
  });
}
