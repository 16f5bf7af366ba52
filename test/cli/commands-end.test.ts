import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { processesWith } from '../helpers/exec.js';
import { flights, type Running, startTranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
let jobs = 0;
before(async () => {
  cwd = await temporaryDirectory();
  await copyFile(flights, join(cwd, 'flights.csv'));
});

/** Starts a job whose command is marked with a variable, and waits until the command runs. */
async function startWith(line: string, ...more: readonly string[]): Promise<{ run: Running; mark: string }> {
  const mark = `${process.pid}-${jobs++}`;
  const words = ['copy', 'flights.csv', `exec:${line}`, '--job', `job-${mark}`, '-j', '2', ...more];
  const run = startTranche(words, { cwd, env: { EXEC_MARK: mark } });
  // The program itself has the variable too.
  while (processesWith('EXEC_MARK', mark).length < 3) await pause(10);
  return { run, mark };
}

/** Until nothing has the mark: what was killed needs a moment to be gone. */
async function demandNone(mark: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (processesWith('EXEC_MARK', mark).length > 0) {
    assert.ok(performance.now() < deadline, processesWith('EXEC_MARK', mark).join('\n'));
    await pause(20);
  }
}

test('the first SIGINT, though it goes to all processes of a terminal, lets the batches in hand come to their end', async () => {
  const { run, mark } = await startWith('sleep 0.5; cat >> first.ndjson', '--batch-size', '1000');
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /written [2-9],000 \+ rejected 0/);
  await demandNone(mark);
});

for (const [mode, line] of [
  ['batch', "trap '' TERM INT HUP; sleep 1000; sleep 1000"],
  ['stream', "trap '' TERM INT HUP; sleep 1000; sleep 1000"],
] as const) {
  for (const signals of [['SIGINT', 'SIGINT'], ['SIGTERM', 'SIGTERM'], ['SIGQUIT'], ['SIGABRT']] as const) {
    test(`${mode}: ${signals.join(' and ')} leave no command behind, though it does not listen`, async () => {
      const { run, mark } = await startWith(line, '--exec-mode', mode);
      for (const [index, signal] of signals.entries()) {
        if (index > 0) await pause(300);
        run.child.kill(signal);
      }
      const { code, signal } = await run.ended;
      assert.ok(code === 130 || code === 143 || signal === signals[0], `${code} ${signal}`);
      await demandNone(mark);
    });
  }
}

test('a run that fails, times out or ends leaves no command behind', async () => {
  for (const [line, exit, ...more] of [
    [
      '[ $TRANCHE_BATCH = 2 ] && { sleep 0.2; exit 1; }; sleep 1000',
      1,
      '--retries',
      '0',
      '--timeout',
      '500ms',
    ],
    ['(sleep 1000 &) > /dev/null 2>&1; sleep 0.2; cat > /dev/null', 0, '--batch-size', '10000'],
  ] as const) {
    const { run, mark } = await startWith(line, ...more);
    assert.equal((await run.ended).code, exit);
    await demandNone(mark);
  }
});

test('a defect of a module of the same process leaves no command behind', async () => {
  // A transform whose stray promise fails while commands run.
  const { writeFile } = await import('node:fs/promises');
  await writeFile(
    join(cwd, 'stray.mjs'),
    'setTimeout(() => { throw new Error("stray"); }, 1500); export default record => record;',
  );
  const { run, mark } = await startWith('sleep 1000', '--transform', 'stray.mjs');
  const { code, stderr } = await run.ended;
  assert.notEqual(code, 0);
  assert.match(stderr, /stray/);
  await demandNone(mark);
});
