import assert from 'node:assert/strict';
import { copyFile, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { flights, tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await copyFile(flights, join(cwd, 'flights.csv'));
});

test('--version prints the version alone', async () => {
  const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await tranche(['--version'], { cwd }), {
    code: 0,
    signal: null,
    stdout: `${version}\n`,
    stderr: '',
  });
});

for (const words of [['copy'], ['status'], ['checkpoint', 'show'], ['checkpoint', 'rm'], ['completion']]) {
  test(`${words.join(' ')} --help has two examples and the exit codes`, async () => {
    const { code, stdout, stderr } = await tranche([...words, '--help'], { cwd });
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.match(stdout, new RegExp(`^Usage: tranche ${words.join(' ')}`));
    assert.equal(stdout.match(/^ {2}# /gm)?.length, 2);
    assert.match(stdout, /^Exit codes:\n {2}0 +done/m);
  });
}

test('copy --help groups its options and tells their defaults', async () => {
  const { stdout } = await tranche(['copy', '--help'], { cwd });
  for (const title of [
    'Job',
    'Batches',
    'Failures',
    'Pace',
    'Records',
    'CSV',
    'Files as target',
    'Tables as target',
    'Display',
    'Units',
  ]) {
    assert.match(stdout, new RegExp(`^${title}:$`, 'm'));
  }
  assert.match(
    stdout,
    /--retry-delay DUR .*\n.*\(default: 200ms\)|--retry-delay DUR .*\(default: 200ms\)|each \(default: 200ms\)/,
  );
});

test('no command at all is a usage error, with the help on stderr', async () => {
  const { code, stdout, stderr } = await tranche([], { cwd });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^Usage: tranche/);
});

const mistakes: readonly (readonly [string, RegExp])[] = [
  ['cpoy', /^tranche: unknown command 'cpoy' \(did you mean copy\?\)$/m],
  ['copy a.csv b.csv --reusme', /^tranche: unknown option '--reusme' \(did you mean --resume\?\)$/m],
  ['copy a.csv', /^tranche: missing required argument 'TARGET'$/m],
  ['copy a.csv b.csv c.csv', /quote a pattern/],
  [
    'copy a.csv b.csv --batch-size many',
    /^tranche: --batch-size takes a whole number of at least 1, not "many"$/m,
  ],
  ['copy a.csv b.csv --resume --fresh', /--resume and --fresh contradict each other/],
  ['copy a.csv b.csv --resume --no-checkpoint', /--no-checkpoint/],
  ['copy a.csv b.csv --overwrite --append', /contradict each other/],
  ['copy a.csv - --to-format csv --json', /both need standard output/],
  ['completion ksh', /bash, zsh, fish/],
  ['status nope', /there is no job "nope"/],
  ['checkpoint rm nope', /there is no job "nope"/],
  ['checkpoint', /^Usage: tranche checkpoint/],
];

for (const [line, expected] of mistakes) {
  test(`${line} is a usage error that says so`, async () => {
    const { code, stdout, stderr } = await tranche(line.split(' '), { cwd });
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, expected);
    assert.doesNotMatch(stderr, /\n {4}at /);
  });
}

test('a run off the terminal speaks in plain lines without control sequences, on stderr alone', async () => {
  const { code, stdout, stderr } = await tranche(['copy', 'flights.csv', 'plain.ndjson'], { cwd });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, '');
  const lines = stderr.split('\n');
  assert.match(lines[0]!, /^copying flights\.csv \(814 kB\) (→|->) plain\.ndjson$/);
  assert.match(lines[1]!, /^exactly once: /);
  assert.match(lines[2]!, /^checkpoint: \.tranche\/flights-csv-to-plain-ndjson-/);
  assert.match(stderr, /^done: 20,000 records \(814 kB\) in /m);
  assert.match(stderr, /^ {2}read 20,000 = written 20,000 \+ rejected 0 \+ filtered 0 \+ skipped 0$/m);
  assert.ok(!stderr.includes('\x1b'));
  assert.equal((await readFile(join(cwd, 'plain.ndjson'), 'utf8')).split('\n').length, 20_001);
});

test('-q prints nothing when all is well, and errors when it is not', async () => {
  const good = await tranche(['copy', 'flights.csv', 'none:', '-q'], { cwd });
  assert.deepEqual([good.code, good.stdout, good.stderr], [0, '', '']);
  const bad = await tranche(['copy', 'missing.csv', 'none:', '-q'], { cwd });
  assert.equal(bad.code, 1);
  assert.match(bad.stderr, /^tranche: .*missing\.csv/);
});

test('a paused run prints the command that goes on; that command finishes the job', async () => {
  const words = [
    'copy',
    'flights.csv',
    "it's out.csv",
    '--max-batches',
    '2',
    '--batch-size',
    '1000',
    '--fresh',
  ];
  const paused = await tranche(words, { cwd });
  assert.equal(paused.code, 75, paused.stderr);
  assert.match(paused.stderr, /stopped at: flights\.csv/);
  const [, command] = /^to go on:\n {2}(.*)$/m.exec(paused.stderr) ?? [];
  assert.match(command!, /copy flights\.csv 'it'\\''s out\.csv' --max-batches 2 --batch-size 1000 --resume$/);

  const again = await tranche(
    words.filter(word => word !== '--fresh'),
    { cwd },
  );
  assert.equal(again.code, 7);
  assert.match(again.stderr, /^to go on:\n.* --resume\nto start from the beginning:\n.* --fresh$/m);

  await writeFile(join(cwd, 'go-on.sh'), command!.replace('--max-batches 2 ', ''));
  const { execFile } = await import('node:child_process');
  await new Promise<void>((resolve, reject) => {
    execFile('/bin/sh', ['go-on.sh'], { cwd }, error => (error ? reject(error) : resolve()));
  });
  assert.deepEqual(await readFile(join(cwd, "it's out.csv")), await readFile(flights));
});

test('--json prints one object on stdout, whether the run succeeds, pauses or cannot begin', async () => {
  const done = await tranche(['copy', 'flights.csv', 'none:', '--json', '--job', 'json'], { cwd });
  const object = JSON.parse(done.stdout);
  assert.equal(object.status, 'finished');
  assert.equal(object.exitCode, 0);
  assert.equal(object.next, null);
  assert.equal(object.counts.read, 20_000);

  const paused = ['copy', 'flights.csv', 'p.csv', '--json', '--max-batches', '1', '--batch-size', '10'];
  assert.match(JSON.parse((await tranche(paused, { cwd })).stdout).next, / --resume$/);

  const failed = await tranche(['copy', 'missing.csv', 'none:', '--json'], { cwd });
  const failure = JSON.parse(failed.stdout);
  assert.equal(failure.status, 'failed');
  assert.equal(failure.exitCode, 1);
  assert.equal(failed.code, 1);
  assert.match(failure.error.message, /missing\.csv/);
});

test('rejects end a run that allows them with 3, and are pointed at', async () => {
  await writeFile(join(cwd, 'bad.csv'), 'a,b\n1,2\n3\n4,5\n');
  const { code, stderr } = await tranche(['copy', 'bad.csv', 'bad.ndjson', '--max-errors', '1', '-v'], {
    cwd,
  });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^reject bad\.csv:3 \(byte 8\): ragged: /m);
  assert.match(stderr, /^ {2}rejects \(ragged 1\): \.tranche\/.*\/rejects\.ndjson$/m);
});

test('an option may come from the environment, and a wrong one names the variable', async () => {
  const env = { TRANCHE_STATE_DIR: 'elsewhere', TRANCHE_QUIET: '1' };
  assert.equal((await tranche(['copy', 'flights.csv', 'none:'], { cwd, env })).stderr, '');
  assert.ok((await stat(join(cwd, 'elsewhere'))).isDirectory());
  const wrong = await tranche(['copy', 'flights.csv', 'none:'], { cwd, env: { TRANCHE_RATE: '5' } });
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^tranche: TRANCHE_RATE takes /);
});

test('--log-file keeps what happened, for its owner alone', async () => {
  await tranche(['copy', 'flights.csv', 'none:', '-q', '--job', 'log', '--log-file', 'log.txt'], { cwd });
  const log = await readFile(join(cwd, 'log.txt'), 'utf8');
  assert.match(log, /started copying flights\.csv/);
  assert.match(log, /ended finished in .*: read 20000, /);
  assert.equal((await stat(join(cwd, 'log.txt'))).mode & 0o777, 0o600);
});

test('help into a full disk is a failure, into a closed pipe it is not', async () => {
  const { execFile } = await import('node:child_process');
  const { program } = await import('../helpers/program.js');
  const codeOf = (line: string) =>
    new Promise(resolve => {
      execFile('/bin/bash', ['-c', line], error => resolve(error?.code ?? 0));
    });
  assert.equal(await codeOf(`'${process.execPath}' '${program}' copy --help > /dev/full`), 1);
  assert.equal(
    await codeOf(`'${process.execPath}' '${program}' copy --help | true; exit \${PIPESTATUS[0]}`),
    0,
  );
});
