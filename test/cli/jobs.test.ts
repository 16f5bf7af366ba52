import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { flights, startTranche, tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await copyFile(flights, join(cwd, 'flights.csv'));
  await tranche(
    ['copy', 'flights.csv', 'a.csv', '--job', 'paused', '--max-batches', '2', '--batch-size', '1000'],
    { cwd },
  );
  await tranche(['copy', 'flights.csv', 'b.csv', '--job', 'finished'], { cwd });
  await tranche(['copy', 'flights.csv', 'c.csv', '--job', 'damaged'], { cwd });
  await writeFile(join(cwd, '.tranche/damaged/checkpoint.json'), '{"format": "tranche-check');
});

test('status lists every job, with how far it is', async () => {
  const { code, stdout } = await tranche(['status'], { cwd });
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0]!, /^JOB +STATUS +DONE +READ/);
  assert.match(lines[1]!, /^damaged +unreadable$/);
  assert.match(lines[2]!, /^finished +finished +100% +20,000 +20,000 +0 /);
  assert.match(lines[3]!, /^paused +paused +\S+ +2,000 +2,000 +0 /);
});

test('status --json is an array with the same facts', async () => {
  const jobs = JSON.parse((await tranche(['status', '--json'], { cwd })).stdout);
  assert.deepEqual(
    jobs.map((job: { job: string; status: string }) => [job.job, job.status]),
    [
      ['damaged', 'unreadable'],
      ['finished', 'finished'],
      ['paused', 'paused'],
    ],
  );
  assert.match(jobs[2].command, / --resume$/);
  assert.equal(jobs[1].command, null);
});

test('status of one job says where it stands and how it goes on', async () => {
  const { code, stdout } = await tranche(['status', 'paused'], { cwd });
  assert.equal(code, 0);
  assert.match(stdout, /^status +paused \(--max-batches\); no process runs it$/m);
  assert.match(stdout, /^position .*flights\.csv, offset 79,558, record 2,000, line 2,002$/m);
  assert.match(stdout, /^records +read 2,000 = written 2,000 \+ rejected 0 \+ filtered 0 \+ skipped 0$/m);
  assert.match(
    stdout,
    /^to go on +.*copy flights\.csv a\.csv --job paused --max-batches 2 --batch-size 1000 --resume$/m,
  );
});

test('a job that runs has a process; one that was killed is interrupted', async () => {
  const words = [
    'copy',
    'flights.csv',
    'live.csv',
    '--job',
    'live',
    '--rate',
    '1000/s',
    '--batch-size',
    '100',
    '-v',
  ];
  const run = startTranche(words, { cwd });
  await run.until(/checkpoint after/);
  const live = JSON.parse((await tranche(['status', 'live', '--json'], { cwd })).stdout);
  assert.equal(live.status, 'running');
  assert.equal(live.process.pid, run.child.pid);
  const removed = await tranche(['checkpoint', 'rm', 'live'], { cwd });
  assert.equal(removed.code, 6, removed.stderr);
  run.child.kill('SIGKILL');
  await run.ended;
  const dead = JSON.parse((await tranche(['status', 'live', '--json'], { cwd })).stdout);
  assert.equal(dead.status, 'interrupted');
  assert.equal(dead.process, null);
});

test('a checkpoint that cannot be read is 8, and says so', async () => {
  for (const words of [
    ['status', 'damaged'],
    ['checkpoint', 'show', 'damaged'],
  ]) {
    const { code, stderr, stdout } = await tranche(words, { cwd });
    assert.equal(code, 8);
    assert.equal(stdout, '');
    assert.match(stderr, /^tranche: the checkpoint .* cannot be read/);
  }
});

test('checkpoint show tells everything in words, and --json the file as it is', async () => {
  const { stdout } = await tranche(['checkpoint', 'show', 'paused'], { cwd });
  assert.match(stdout, /^columns +id integer, date timestamp, /m);
  assert.match(stdout, /^mark +bytes 79,558/m);
  const json = await tranche(['checkpoint', 'show', 'paused', '--json'], { cwd });
  assert.equal(json.stdout, await readFile(join(cwd, '.tranche/paused/checkpoint.json'), 'utf8'));
});

test('checkpoint rm forgets a job; the nearest name is offered for one that is not there', async () => {
  await tranche(['copy', 'flights.csv', 'd.csv', '--job', 'gone'], { cwd });
  assert.equal((await tranche(['checkpoint', 'rm', 'gone'], { cwd })).code, 0);
  const again = await tranche(['checkpoint', 'rm', 'gone'], { cwd });
  assert.equal(again.code, 2);
  const typo = await tranche(['status', 'pasued'], { cwd });
  assert.match(typo.stderr, /did you mean "paused"/);
});

test('no jobs are no error', async () => {
  const { code, stdout } = await tranche(['status', '--state-dir', 'none-here'], { cwd });
  assert.deepEqual([code, stdout], [0, 'no jobs in none-here\n']);
  assert.equal((await tranche(['status', '--state-dir', 'none-here', '--json'], { cwd })).stdout, '[]\n');
});
