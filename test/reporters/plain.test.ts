import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlainReporter } from '#tranche/reporters/plain.js';
import { ended, progressed, started } from '../helpers/events.js';
import { fakeScreen } from '../helpers/fake-terminal.js';

test('one line an interval, as things stand then', context => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const { terminal, screen } = fakeScreen();
  const { report, close } = createPlainReporter({ screen, interval: 10_000, verbose: false });
  context.mock.timers.tick(10_000);
  report({ type: 'phase', what: 'checking the input' });
  context.mock.timers.tick(10_000);
  report(started());
  report(progressed(100));
  report(progressed(250));
  context.mock.timers.tick(10_000);
  report(ended);
  context.mock.timers.tick(60_000);
  close();
  assert.equal(terminal.lines.length, 2);
  assert.equal(terminal.lines[0], 'checking the input');
  assert.match(terminal.lines[1]!, /^25% {2}10\.0 kB of 40\.0 kB {2}250 records/);
  assert.ok(!terminal.written.includes('\x1b'));
});
