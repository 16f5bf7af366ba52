import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import type { Event } from '#tranche/core/events.js';
import { createMessageReporter, messageLines } from '#tranche/reporters/messages.js';
import { counts, progressed, started } from '../helpers/events.js';
import { fakeScreen } from '../helpers/fake-terminal.js';

const reject: Event = {
  type: 'reject',
  reject: {
    at: { file: 'orders.csv', line: 7, offset: 1234, record: 6 },
    reason: 'ragged',
    message: '3 fields, not 2',
    raw: Buffer.from('1,2,3'),
    length: 5,
    attempts: 0,
  },
};

test('a run begins with what goes where, the guarantee and the checkpoint', () => {
  assert.deepEqual(messageLines(started(), false), [
    'copying orders.csv (40.0 kB) → shop.db#orders',
    'exactly once: rows and checkpoint are committed together',
    'checkpoint: .tranche/job/checkpoint.json',
    'columns: id integer',
  ]);
});

test('a run that goes on says how far the job is', () => {
  const [first] = messageLines(started({ resumed: true, counts: counts(500) }), false);
  assert.equal(first, 'going on with orders.csv (40.0 kB) → shop.db#orders, 500 records done');
});

test('a run without checkpoint says what that means', () => {
  const lines = messageLines(started({ checkpoint: null, columns: [], size: {} }), false);
  assert.deepEqual(lines, [
    'copying orders.csv → shop.db#orders',
    'no checkpoint is kept: a run that stops starts from the beginning',
  ]);
});

test('many columns are cut short unless everything is asked for', () => {
  const columns = Array.from({ length: 20 }, (_, i) => `c${i} text`);
  assert.match(messageLines(started({ columns }), false)[3]!, /c11 text, … and 8 more/);
  assert.match(messageLines(started({ columns }), true)[3]!, /c19 text$/);
});

test('retries, rejects and checkpoints are told if asked for', () => {
  const error = new TrancheError('busy', 'database is locked', { kind: 'transient' });
  const retry: Event = { type: 'retry', attempt: 2, retries: 2, delay: 400, error };
  const checkpoint: Event = { type: 'checkpoint', counts: counts(1000) };
  assert.deepEqual(messageLines(retry, true), [
    'retry: attempt 2 failed, next in 400 ms: database is locked',
  ]);
  assert.deepEqual(messageLines(reject, true), ['reject orders.csv:7 (byte 1,234): ragged: 3 fields, not 2']);
  assert.deepEqual(messageLines(checkpoint, true), ['checkpoint after 1,000 records']);
  for (const event of [retry, reject, checkpoint, progressed(1)])
    assert.deepEqual(messageLines(event, false), []);
});

test('what others wrote cannot move the cursor', () => {
  const { terminal, screen } = fakeScreen();
  const { report } = createMessageReporter({ screen, interval: 1000, verbose: false });
  report({ type: 'warning', message: 'column \x1b[2J\n\u009b31m' });
  assert.equal(terminal.written, 'warning: column \\x1b[2J\\n\\x9b31m\n');
});

test('a terminal without Unicode gets ASCII', () => {
  const { terminal, screen } = fakeScreen(80, false);
  createMessageReporter({ screen, interval: 1000, verbose: false }).report(started());
  assert.match(terminal.written, /orders\.csv \(40\.0 kB\) -> shop\.db#orders/);
});
