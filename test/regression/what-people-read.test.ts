import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { program, tranche } from '../helpers/program.js';
import { Workplace } from '../helpers/workplace.js';

const place = await Workplace.make();
const cwd = place.directory;
await place.write('in.csv', 'a,b\n1,x\n2,y\n');

test('--fresh contradicted TRANCHE_RESUME, although a flag wins over the environment', async () => {
  const words = ['copy', 'in.csv', 'fresh.ndjson', '--fresh', '-q'];
  const { code, stderr } = await tranche(words, { cwd, env: { TRANCHE_RESUME: '1' } });
  assert.deepEqual([code, stderr], [0, '']);
});

test('--no-checkpoint promised exactly once and a checkpoint to cut back to', async () => {
  const { stderr } = await tranche(['copy', 'in.csv', 'none.ndjson', '--no-checkpoint'], { cwd });
  assert.doesNotMatch(stderr, /exactly once/);
  assert.match(stderr, /no checkpoint is kept/);
});

test('--types said "not" twice', async () => {
  const { code, stderr } = await tranche(['copy', 'in.csv', 'x.ndjson', '--types', 'a:intt'], { cwd });
  assert.equal(code, 2);
  assert.equal(stderr.match(/, not "/g)?.length, 1, stderr);
});

test('options that differ from the checkpoint were shown as JSON', async () => {
  const words = ['copy', 'in.csv', 'changed.ndjson', '-q'];
  await tranche([...words, '--batch-size', '1', '--max-batches', '1'], { cwd });
  const changed = ['--resume', '--types', 'a:text', '--rename', 'a=c', '--select', 'b,a'];
  const { code, stderr } = await tranche([...words, ...changed], { cwd });
  assert.equal(code, 5);
  assert.match(stderr, /--types: was not given, now is a:text,infer/);
  assert.match(stderr, /--rename: was not given, now is a=c/);
  assert.match(stderr, /--select: was not given, now is b,a/);
});

test('a stdout that is full was told of twice', { skip: !existsSync('/dev/full') }, () => {
  const command = `exec "$0" "$1" copy in.csv full.ndjson -q --json > /dev/full`;
  const { status, stderr } = spawnSync('/bin/sh', ['-c', command, process.execPath, program], { cwd });
  assert.equal(status, 1);
  assert.equal(stderr.toString().match(/cannot write to standard output/g)?.length, 1);
});

test('a column named with half a surrogate pair was looked for in a table that was just made of it', async () => {
  await place.write('half.ndjson', '{"a\\udfff":1}\n');
  const { code, stderr } = await tranche(['copy', 'half.ndjson', 'sqlite:half.db#t'], { cwd });
  assert.equal(code, 2);
  assert.match(stderr, /half a surrogate pair/);
});

test('a database target without checkpoints promised nothing at all', async () => {
  const words = ['copy', 'in.csv', 'sqlite:none.db#t', '--no-checkpoint'];
  const { code, stderr } = await tranche(words, { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^at least once: no checkpoint is kept, /m);
});

test('where a run stopped was told with the control characters of the name of a file', async () => {
  const name = 'red\x1b[31m\n.csv';
  await place.write(name, 'a,b\n1,x\n2,y\n');
  const words = ['copy', name, 'red.ndjson', '--batch-size', '1', '--max-batches', '1'];
  const { code, stderr } = await tranche(words, { cwd });
  assert.equal(code, 75);
  assert.match(stderr, /^ {2}stopped at: red\\x1b\[31m\\n\.csv, byte 8, record 1$/m);
});

test('what a transform said to the console stood among the records on stdout, and before the object of --json', async () => {
  await place.write(
    'says.mjs',
    'export default r => { console.log(`saw`, r.a); console.error("!"); return r; }',
  );
  const words = ['copy', 'in.csv', '--transform', 'says.mjs'];
  const said = 'saw 1\n!\nsaw 2\n!\n';
  const records = await tranche([...words, '-', '--to-format', 'ndjson', '-q'], { cwd });
  assert.deepEqual([records.stdout, records.stderr], ['{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n', said]);
  const { stdout, stderr } = await tranche([...words, 'said.ndjson', '--json', '-q'], { cwd });
  assert.equal(JSON.parse(stdout).counts.written, 2);
  assert.equal(stderr, said);
});
