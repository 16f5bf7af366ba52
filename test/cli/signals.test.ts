import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { watchSignals } from '#tranche/cli/signals.js';
import { flights, startOnTerminal, startTranche, tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await copyFile(flights, join(cwd, 'flights.csv'));
  await writeFile(
    join(cwd, 'hang.mjs'),
    'export default () => new Promise(() => setInterval(() => {}, process.stderr.write("hanging\\n") && 1000));',
  );
});

const noScript = (() => {
  try {
    execFileSync('script', ['--version'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'script (util-linux) is not installed';
  }
})();

const slowly = ['--rate', '20000/s', '--batch-size', '1000'];

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} stops after the batch with ${code}; --resume gives the same bytes`, async () => {
    const words = ['copy', 'flights.csv', `${signal}.csv`, ...slowly];
    const run = startTranche([...words, '-v'], { cwd });
    await run.until(/checkpoint after/);
    run.child.kill(signal);
    const { code: found, stderr } = await run.ended;
    assert.equal(found, code, stderr);
    assert.match(stderr, new RegExp(`^${signal}: stopping after the batch in hand`, 'm'));
    assert.match(stderr, new RegExp(`^stopped \\(${signal}\\): `, 'm'));
    assert.match(stderr, /^to go on:\n.* --resume$/m);
    const resumed = await tranche(['copy', 'flights.csv', `${signal}.csv`, '--resume'], { cwd });
    assert.equal(resumed.code, 0, resumed.stderr);
    assert.deepEqual(await readFile(join(cwd, `${signal}.csv`)), await readFile(flights));
  });
}

/** A run whose batch never ends. */
function startHanging(target: string) {
  return startTranche(['copy', 'flights.csv', target, '--transform', 'hang.mjs', '--timeout', '1h'], { cwd });
}

test('a second SIGINT ends at once with 130', async () => {
  const run = startHanging('second.csv');
  await run.until(/^hanging$/m);
  run.child.kill('SIGINT');
  await run.until(/press Ctrl-C again/);
  // Less than this is taken for the same Ctrl-C.
  await pause(250);
  run.child.kill('SIGINT');
  assert.equal((await run.ended).code, 130);
});

test('the same signal at the same moment is an echo: npm hands a Ctrl-C on to a child that has got it already', () => {
  const controller = new AbortController();
  const told: string[] = [];
  const unwatch = watchSignals({ stop: controller, abandon: new AbortController() }, signal =>
    told.push(signal),
  );
  process.emit('SIGINT', 'SIGINT');
  process.emit('SIGINT', 'SIGINT');
  unwatch();
  assert.deepEqual(told, ['SIGINT']);
  assert.equal(controller.signal.reason, 'SIGINT');
  assert.equal(process.listenerCount('SIGTERM'), 0);
});

test('a SIGTERM after a SIGINT ends at once with 143', async () => {
  const run = startHanging('sooner.csv');
  await run.until(/^hanging$/m);
  run.child.kill('SIGINT');
  await run.until(/press Ctrl-C again/);
  run.child.kill('SIGTERM');
  assert.equal((await run.ended).code, 143);
});

test('Ctrl-C on a terminal stops the run, and the terminal is as it was', { skip: noScript }, async () => {
  const words = ['copy', 'flights.csv', 'pty.csv', ...slowly];
  const run = startOnTerminal(words, 100, { cwd });
  await run.until(/ETA/);
  run.child.stdin.write('\x03');
  const { code, stdout } = await run.ended;
  assert.equal(code, 130, stdout);
  assert.match(stdout, /SIGINT: stopping after the batch in hand/);
  assert.match(stdout, /\d+% {2}[█░]+ {2}[\d.]+ kB of 814 kB/);
  for (const sequence of ['\x1b[?25l', '\x1b[?7l', '\x1b[?2026h']) assert.ok(!stdout.includes(sequence));
});

for (const columns of [0, 40]) {
  test(`a terminal of ${columns} columns shows a run to its end`, { skip: noScript }, async () => {
    const run = startOnTerminal(
      ['copy', 'flights.csv', `c${columns}.csv`, '--rate', '50000/s', '--batch-size', '1000'],
      columns,
      { cwd },
    );
    const { code, stdout } = await run.ended;
    assert.equal(code, 0, stdout);
    assert.match(stdout, /\d+% {2}/);
    assert.match(stdout, /done: 20,000 records/);
  });
}

test('a dumb terminal and continuous integration get plain lines', { skip: noScript }, async () => {
  for (const env of [{ TERM: 'dumb' }, { CI: 'true', NO_COLOR: '1' }]) {
    const words = ['copy', 'flights.csv', 'none:', '--rate', '50000/s', '--progress-interval', '50ms'];
    const { code, stdout } = await startOnTerminal([...words, '--batch-size', '1000'], 80, { cwd, env })
      .ended;
    assert.equal(code, 0, stdout);
    assert.ok(!stdout.includes('\x1b'), JSON.stringify(stdout));
    assert.match(stdout, /^\d+% {2}[\d.]+ kB of 814 kB/m);
  }
});

test('nobody reading stderr ends nothing', async () => {
  const run = startTranche(['copy', 'flights.csv', 'deaf.csv', '-v', '--batch-size', '100'], { cwd });
  run.child.stderr.destroy();
  assert.equal((await run.ended).code, 0);
  assert.deepEqual(await readFile(join(cwd, 'deaf.csv')), await readFile(flights));
});
