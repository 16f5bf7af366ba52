import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import { createJsonReporter } from '#tranche/reporters/json.js';
import { progressed, started } from '../helpers/events.js';
import { summary } from '../helpers/summary.js';

test('one object at the end, with the outcome and the error in it', () => {
  const lines: string[] = [];
  const { report } = createJsonReporter(
    line => lines.push(line),
    () => ({ exitCode: 1 }),
  );
  const error = new TrancheError('io', 'disk full', {
    path: 'out.csv',
    hint: 'make room',
    cause: new Error('x'),
  });
  for (const event of [started(), progressed(1)]) report(event);
  report({ type: 'ended', summary: summary({ status: 'failed', error }) });
  assert.equal(lines.length, 1);
  assert.ok(lines[0]!.endsWith('}\n'));
  const object = JSON.parse(lines[0]!) as Record<string, unknown>;
  assert.deepEqual(object['error'], { code: 'io', message: 'disk full', hint: 'make room', path: 'out.csv' });
  assert.equal(object['exitCode'], 1);
  assert.deepEqual(object['flow'], { inFlight: 0, paced: 0, pacedTime: 0, breaks: 0, breakTime: 0 });
  assert.deepEqual(object['counts'], {
    read: 5,
    written: 5,
    rejected: 0,
    filtered: 0,
    skipped: 0,
    bytes: 50,
  });
});
