import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatBytes,
  formatCount,
  formatCountOf,
  formatDuration,
  formatPercent,
  formatRate,
  formatRemaining,
} from '#tranche/reporters/quantities.js';

const formats = { formatBytes, formatCount, formatDuration, formatPercent, formatRate, formatRemaining };

const cases: readonly (readonly [keyof typeof formats, number, string])[] = [
  ['formatCount', 0, '0'],
  ['formatCount', 999, '999'],
  ['formatCount', 1000, '1,000'],
  ['formatCount', 1234567, '1,234,567'],
  ['formatBytes', 0, '0 B'],
  ['formatBytes', 999, '999 B'],
  ['formatBytes', 1000, '1.00 kB'],
  ['formatBytes', 99_960, '100 kB'],
  ['formatBytes', 999_600, '1.00 MB'],
  ['formatBytes', 129_400_000, '129 MB'],
  ['formatBytes', 54_100_000, '54.1 MB'],
  ['formatBytes', 2e18, '2000 PB'],
  ['formatDuration', 0, '0 ms'],
  ['formatDuration', 850, '850 ms'],
  ['formatDuration', 999.7, '1.0 s'],
  ['formatDuration', 12_340, '12.3 s'],
  ['formatDuration', 59_960, '1m 00s'],
  ['formatDuration', 200_000, '3m 20s'],
  ['formatDuration', 3_599_900, '1h 00m'],
  ['formatDuration', 3_900_000, '1h 05m'],
  ['formatDuration', 183_600_000, '2d 03h'],
  ['formatRemaining', 100, '1s'],
  ['formatRemaining', 59_500, '1m 00s'],
  ['formatPercent', 0, '0%'],
  ['formatPercent', 0.999, '99%'],
  ['formatPercent', 1, '100%'],
  ['formatRate', 0.5, '0.5/s'],
  ['formatRate', 512_345.6, '512,346/s'],
];

for (const [name, number, text] of cases) {
  test(`${name} ${number} is ${text}`, () => {
    assert.equal(formats[name](number), text);
  });
}

test('one is not many', () => {
  assert.equal(formatCountOf(1, 'record'), '1 record');
  assert.equal(formatCountOf(1000, 'retry', 'retries'), '1,000 retries');
});
