import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ended, tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

/** A finished job `job` with two ragged rows and one that is no number, in a directory of its own. */
async function finishedJob(...options: readonly string[]): Promise<string> {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id,name,amount\n1,a,1\n2,b\n3,"c\nc",x\n4,d,4,\n5,e,5\n');
  const words = [
    'copy',
    'in.csv',
    'out.csv',
    '--job',
    'job',
    '--max-errors',
    '9',
    '--types',
    'amount:integer',
  ];
  const { code, stderr } = await tranche([...words, ...options], { cwd });
  assert.equal(code, 3, stderr);
  return cwd;
}

/** Runs a command line as a shell would that a person pasted it into. */
async function pasted(line: string, cwd: string): Promise<Ended> {
  const child = spawn('sh', ['-c', line], { cwd });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', text => (stdout += text));
  child.stderr.on('data', text => (stderr += text));
  const [code, signal] = await once(child, 'close');
  return { code, signal, stdout, stderr };
}

/** The command in the last lines of what was told. */
function nextCommand(text: string): string {
  return text.trimEnd().split('\n').at(-1)!.trim();
}

test('a run with rejects says what can be done about them: each command works as it is printed', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id,name\n1,a\n2\n');
  const state = "it's a state";
  const copied = await tranche(['copy', 'in.csv', 'out.ndjson', '--max-errors', '1', '--state-dir', state], {
    cwd,
  });
  assert.equal(copied.code, 3);
  assert.match(copied.stderr, /^to send the rejects again:$/m);
  const again = await pasted(nextCommand(copied.stderr), cwd);
  assert.equal(again.code, 3, again.stderr);
  assert.match(again.stderr, /^ {2}read 1 = written 0 \+ rejected 1 /m);
  assert.match(again.stderr, /^to look at the rejects:$/m);
  const shown = await pasted(nextCommand(again.stderr), cwd);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^ragged +1 +0$/m);
  assert.match(
    shown.stdout,
    /in\.csv, line 3 {2}ragged: 1 field instead of 2 \(sent again 1 time\)\n {2}2\n/,
  );
  const exported = await tranche(
    ['rejects', jobOf(shown.stdout), '--state-dir', state, '--to', 'my fix.csv'],
    { cwd },
  );
  assert.equal(exported.code, 0, exported.stderr);
  const text = await readFile(join(cwd, 'my fix.csv'), 'utf8');
  await writeFile(join(cwd, 'my fix.csv'), text.replace(/,2$/m, ',2,b'));
  const given = await pasted(nextCommand(exported.stdout), cwd);
  assert.equal(given.code, 0, given.stderr);
  assert.equal(await readFile(join(cwd, 'out.ndjson'), 'utf8'), '{"id":1,"name":"a"}\n{"id":2,"name":"b"}\n');
});

function jobOf(text: string): string {
  return /^job (\S+):/.exec(text)![1]!;
}

test('a run that had too many rejects names the command that shows them', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id,name\n1,a\n2\n');
  const stopped = await tranche(['copy', 'in.csv', 'out.ndjson'], { cwd });
  assert.equal(stopped.code, 4);
  assert.match(stopped.stderr, /^to look at the rejects:$/m);
  const shown = await pasted(nextCommand(stopped.stderr), cwd);
  assert.match(shown.stdout, /^ragged +1 +0$/m);
  assert.match(nextCommand(shown.stdout), /copy in\.csv out\.ndjson --resume$/);
});

test('--json names the next command, for scripts', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id,name\n1,a\n2\n');
  const copied = await tranche(['copy', 'in.csv', 'none:', '--max-errors', '1', '--job', 'j', '--json'], {
    cwd,
  });
  assert.match(JSON.parse(copied.stdout).next, /retry-rejects j$/);
  const again = await tranche(['retry-rejects', 'j', '--json'], { cwd });
  const { counts, next, exitCode } = JSON.parse(again.stdout);
  assert.deepEqual([counts.rejected, exitCode, again.code], [1, 3, 3]);
  assert.match(next, /rejects j$/);
});

test("the job's own options are used again, and those that are given replace them", async () => {
  const cwd = await finishedJob('--null', 'NIL', '--to-format', 'csv');
  const typed = await tranche(['retry-rejects', 'job', '--reason', 'type'], { cwd });
  assert.equal(typed.code, 3);
  assert.match(typed.stderr, /columns: id integer, name text, amount integer/);
  const text = await tranche(['retry-rejects', 'job', '--reason', 'type', '--types', 'amount:text'], { cwd });
  assert.equal(text.code, 0, text.stderr);
  assert.equal(await readFile(join(cwd, 'out.csv'), 'utf8'), 'id,name,amount\n1,a,1\n5,e,5\n3,"c\nc",x\n');
  const status = await tranche(['status', 'job'], { cwd });
  assert.match(status.stdout, /^rejects +3, 1 resolved and 2 not, in /m);
  const [job] = JSON.parse((await tranche(['status', '--json'], { cwd })).stdout);
  assert.deepEqual([job.unresolved, job.resolved], [2, 1]);
  const done = await tranche(['retry-rejects', 'job', '--reason', 'type'], { cwd });
  assert.deepEqual(
    [done.code, done.stderr],
    [0, 'nothing to send again: no reject that was asked for is left\n'],
  );
});

test('options that came from the environment are in the checkpoint, and used again', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id;name\n1;a\n2\n');
  const env = { TRANCHE_DELIMITER: ';', TRANCHE_MAX_ERRORS: '1' };
  await tranche(['copy', 'in.csv', 'out.ndjson', '--job', 'j'], { cwd, env });
  await tranche(['rejects', 'j', '--to', 'fix.csv'], { cwd });
  const text = await readFile(join(cwd, 'fix.csv'), 'utf8');
  assert.match(text, /^tranche_reject;id;name\nr[0-9a-f]{8}-1;2\n$/);
  await writeFile(join(cwd, 'fix.csv'), text.replace(/;2$/m, ';2;b'));
  const { code, stderr } = await tranche(['retry-rejects', 'j', '--from', 'fix.csv'], { cwd });
  assert.equal(code, 0, stderr);
});

test('an export is for its owner alone, replaces nothing and follows no link', async () => {
  const cwd = await finishedJob();
  assert.equal(
    (await tranche(['rejects', 'job', '--to', 'raw.ndjson', '--reason', 'ragged'], { cwd })).code,
    0,
  );
  assert.equal((await stat(join(cwd, 'raw.ndjson'))).mode & 0o777, 0o600);
  const lines = (await readFile(join(cwd, 'raw.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ reason, file, line, raw }) => [reason, file, line, raw]),
    [
      ['ragged', 'in.csv', 3, '2,b'],
      ['ragged', 'in.csv', 6, '4,d,4,'],
    ],
  );
  await symlink(join(cwd, 'elsewhere.csv'), join(cwd, 'link.csv'));
  for (const file of ['raw.ndjson', 'link.csv']) {
    const { code, stderr } = await tranche(['rejects', 'job', '--to', file], { cwd });
    assert.equal(code, 2, stderr);
    assert.match(stderr, /exists already/);
  }
  await assert.rejects(stat(join(cwd, 'elsewhere.csv')));
});

test('what cannot stand in CSV is left out and counted, and JSON takes it', async () => {
  const cwd = await temporaryDirectory();
  const rows = [
    Buffer.from('id,name\n1\n2,\xff\n', 'latin1'),
    Buffer.from(`3,${'x'.repeat(70_000)},y\n4,"open\n`),
  ];
  await writeFile(join(cwd, 'in.csv'), Buffer.concat(rows));
  await tranche(['copy', 'in.csv', 'none:', '--job', 'j', '--max-errors', '100%'], { cwd });
  const csv = JSON.parse((await tranche(['rejects', 'j', '--to', 'a.csv', '--json'], { cwd })).stdout);
  assert.deepEqual([csv.written, csv.leftOut], [1, 3]);
  const ndjson = JSON.parse((await tranche(['rejects', 'j', '--to', 'a.ndjson', '--json'], { cwd })).stdout);
  assert.deepEqual([ndjson.written, ndjson.leftOut], [4, 0]);
  const lines = (await readFile(join(cwd, 'a.ndjson'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ encoding, truncated, length }) => [encoding, truncated, length]),
    [
      [undefined, undefined, undefined],
      ['base64', undefined, undefined],
      [undefined, true, 70_004],
      [undefined, undefined, undefined],
    ],
  );
  assert.equal(Buffer.from(lines[1].raw, 'base64').toString('latin1'), '2,\xff');
});

test('rejects --json counts by reason, resolved ones apart, and has samples', async () => {
  const cwd = await finishedJob();
  await tranche(['retry-rejects', 'job', '--reason', 'type', '--types', 'text'], { cwd });
  const found = JSON.parse((await tranche(['rejects', 'job', '--json', '--samples', '1'], { cwd })).stdout);
  assert.deepEqual([found.total, found.unresolved, found.resolved], [3, 2, 1]);
  assert.deepEqual(found.reasons, {
    ragged: { unresolved: 2, resolved: 0 },
    type: { unresolved: 0, resolved: 1 },
  });
  assert.deepEqual([found.samples.length, found.samples[0].line, found.samples[0].raw], [1, 3, '2,b']);
  const one = await tranche(['rejects', 'job', '--reason', 'ragged,type', '--samples', '1'], { cwd });
  assert.match(one.stdout, /^and 1 more; --samples N shows more$/m);
  const wrong = await tranche(['rejects', 'job', '--reason', 'raged'], { cwd });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /did you mean "ragged"/);
});

test('a job that runs is 6, one that is not finished 7 with the command that goes on, one that does not exist 2', async () => {
  const cwd = await finishedJob();
  const holder = fileURLToPath(new URL('../helpers/hold-lock.js', import.meta.url));
  const child = spawn(process.execPath, [holder, join(cwd, '.tranche/job')]);
  await once(child.stdout, 'data');
  const locked = await tranche(['retry-rejects', 'job'], { cwd });
  assert.equal(locked.code, 6, locked.stderr);
  child.stdin.end();
  await once(child, 'close');
  await tranche(['copy', 'in.csv', 'o.csv', '--job', 'p', '--max-batches', '1', '--batch-size', '1'], {
    cwd,
  });
  const paused = await tranche(['retry-rejects', 'p'], { cwd });
  assert.equal(paused.code, 7);
  assert.match(paused.stderr, /copy in\.csv o\.csv --job p --max-batches 1 --batch-size 1 --resume/);
  assert.equal((await tranche(['retry-rejects', 'jobb'], { cwd })).code, 2);
});

test('stopped by --max-batches it is 75, and the command that is printed goes on', async () => {
  const cwd = await finishedJob();
  const words = ['retry-rejects', 'job', '--types', 'text', '--max-batches', '1', '--batch-size', '2'];
  const stopped = await tranche(words, { cwd });
  assert.equal(stopped.code, 75);
  assert.match(stopped.stderr, /^ {2}stopped at: reject 2 of 3$/m);
  assert.equal((await pasted(nextCommand(stopped.stderr), cwd)).code, 75);
  const ended = await pasted(nextCommand(stopped.stderr), cwd);
  assert.equal(ended.code, 3, ended.stderr);
  assert.match(ended.stderr, /^ {2}read 3 = written 1 \+ rejected 2 /m);
});

test('checkpoint rm forgets what was made of the rejects too', async () => {
  const cwd = await finishedJob();
  await tranche(['retry-rejects', 'job'], { cwd });
  await stat(join(cwd, '.tranche/job/retry/round-1/checkpoint.json'));
  assert.equal((await tranche(['checkpoint', 'rm', 'job'], { cwd })).code, 0);
  await assert.rejects(stat(join(cwd, '.tranche/job')), { code: 'ENOENT' });
});

test('a password in the target is in no file of the retry', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id\n1\n');
  const url = 'postgres://me:s3cr3t@127.0.0.1:1/db#t';
  const { stderr } = await tranche(['copy', 'in.csv', url, '--job', 'j', '--retries', '0'], { cwd });
  assert.doesNotMatch(stderr, /s3cr3t/);
  const again = await tranche(['retry-rejects', 'j'], { cwd });
  assert.notEqual(again.code, 0);
  assert.doesNotMatch(again.stderr, /s3cr3t/);
});
