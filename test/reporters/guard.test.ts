import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Event } from '#tranche/core/events.js';
import { guard, together } from '#tranche/reporters/guard.js';
import { ended, progressed } from '../helpers/events.js';

test('a reporter that fails is told of once and left out; the others go on', () => {
  const failures: unknown[] = [];
  const heard: Event[] = [];
  let calls = 0;
  const broken = {
    report: () => {
      calls++;
      throw new Error('broken');
    },
    close: () => {
      throw new Error('broken too');
    },
  };
  const good = { report: (event: Event) => heard.push(event), close: () => heard.push(ended) };
  const both = together([
    guard(broken, error => failures.push(error)),
    guard(good, error => failures.push(error)),
  ]);
  both.report(progressed(1));
  both.report(progressed(2));
  both.close();
  assert.equal(calls, 1);
  assert.deepEqual(failures, [new Error('broken')]);
  assert.equal(heard.length, 3);
});
