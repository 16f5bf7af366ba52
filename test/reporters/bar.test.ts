import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBarReporter } from '#tranche/reporters/bar.js';
import type { ReporterContext } from '#tranche/reporters/reporter.js';
import { ended, progressed, started } from '../helpers/events.js';
import { fakeScreen } from '../helpers/fake-terminal.js';

function contextOf(columns: number) {
  const { terminal, screen } = fakeScreen(columns, false);
  const context: ReporterContext = { screen, interval: 1000, verbose: false };
  return { terminal, screen, context };
}

test('a bar is drawn, moves, and leaves nothing behind', async () => {
  const { terminal, screen, context } = contextOf(100);
  const { report, close } = await createBarReporter(context);
  report(started());
  report(progressed(500));
  await terminal.until(([line]) => /^ 50% {2}#+-+ {2}20\.0 kB of 40\.0 kB/.test(line ?? ''));
  screen.lines('a message');
  report(progressed(1000));
  await terminal.until(
    lines => lines.length === 2 && / 100%/.test(lines[1]!) === false && /^100%/.test(lines[1]!),
  );
  report(ended);
  close();
  assert.deepEqual(terminal.lines, ['a message']);
});

test('a spinner stands in where no total is known, and for phases', async () => {
  const { terminal, screen, context } = contextOf(80);
  const { report, close } = await createBarReporter(context);
  report({ type: 'phase', what: 'winding forward a.csv.gz', done: 1, total: 4 });
  await terminal.until(([line]) => /winding forward a\.csv\.gz {2}25%$/.test(line ?? ''));
  report({ type: 'phase', what: null });
  report(started({ size: {} }));
  report(progressed(500, {}));
  await terminal.until(([line]) => /20\.0 kB {2}500 records/.test(line ?? ''));
  screen.lines('a message');
  close();
  assert.deepEqual(terminal.lines, ['a message']);
});

test('a phase in the middle takes the place of the bar, and gives it back', async () => {
  const { terminal, context } = contextOf(80);
  const { report, close } = await createBarReporter(context);
  report(progressed(100));
  await terminal.until(([line]) => /^ 10%/.test(line ?? ''));
  report({ type: 'phase', what: 'draining' });
  await terminal.until(lines => lines.length === 1 && lines[0]!.endsWith('draining'));
  report(progressed(200));
  await terminal.until(lines => lines.length === 1 && /^ 20%/.test(lines[0]!));
  close();
  assert.deepEqual(terminal.lines, []);
});

for (const columns of [0, 10, 40]) {
  test(`a terminal of ${columns} columns is never written over its edge`, async () => {
    const { terminal, context } = contextOf(columns);
    const { report, close } = await createBarReporter(context);
    report({ type: 'phase', what: 'checking the input of this very long name' });
    report(progressed(500));
    await terminal.until(([line]) => line !== undefined);
    assert.ok(terminal.lines[0]!.length <= (columns || 80));
    close();
    close();
    assert.deepEqual(terminal.lines, []);
  });
}

test('what a killed process would leave behind is never written: hidden cursor, no wrapping, saved position', async () => {
  const { terminal, context } = contextOf(80);
  const { report, close } = await createBarReporter(context);
  report({ type: 'phase', what: 'connecting' });
  report(progressed(500));
  close();
  assert.ok(terminal.written.length > 0);
  for (const sequence of ['\x1b[?25l', '\x1b[?7l', '\x1b7', '\x1b8', '\x1b[?2026h']) {
    assert.ok(!terminal.written.includes(sequence), JSON.stringify(sequence));
  }
});
