import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ended, flights, tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const example = (name: string) => fileURLToPath(new URL(`../../../examples/${name}`, import.meta.url));

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await copyFile(flights, join(cwd, 'flights.csv'));
});

async function copy(target: string, ...more: readonly string[]): Promise<Ended> {
  return await tranche(['copy', 'flights.csv', target, '--fresh', ...more], { cwd });
}

async function module(name: string, text: string): Promise<string> {
  await writeFile(join(cwd, name), text);
  return `./${name}`;
}

test('the examples of the README do what it says', async () => {
  const loaded = await copy(example('load.mjs'), '-j', '4', '-v');
  assert.equal(loaded.code, 0, loaded.stderr);
  assert.match(loaded.stderr, /^batch 20: 1000 flights from line 19002 on$/m);
  assert.equal((await readFile(join(cwd, 'delays.txt'), 'utf8')).split('\n').length, 20_001);
  const counted = await copy(`exec:sh ${example('count-batches.sh')}`, '--batch-size', '5000');
  assert.equal(counted.code, 0, counted.stderr);
  const lines = (await readFile(join(cwd, 'batches.txt'), 'utf8')).split('\n');
  assert.equal(lines[3], 'batch 4, attempt 1: 5000 flights');
});

test('a module that leaves connections open does not keep the program from ending', async () => {
  const path = await module('open.mjs', 'setInterval(() => {}, 1e9); export default () => {};');
  assert.equal((await copy(path)).code, 0);
});

test('a function that never settles is given up at the timeout, and the run with exit 1', async () => {
  const path = await module('hang.mjs', 'export default () => new Promise(() => {});');
  const { code, stderr } = await copy(path, '--timeout', '50ms', '--retries', '1', '--retry-delay', '1ms');
  assert.equal(code, 1);
  assert.match(stderr, /gave up after 2 attempts: .*took longer than 50 ms/);
  assert.match(stderr, /to go on:/);
});

test('refused records are rejects with their place, whether they were named by an answer or a throw', async () => {
  const text = (how: string) => `
    class RejectRecords extends Error { name = 'RejectRecords'; }
    export default records => {
      const bad = records.flatMap(({ id }, index) => (id % 5000 === 0 ? [{ index, message: 'no ' + id }] : []));
      if (bad.length > 0) ${how} Object.assign(new RejectRecords(), { records: bad });
    };`;
  for (const how of ['return', 'throw']) {
    const path = await module(`${how}.mjs`, text(how));
    const job = ['--job', how, '--state-dir', 'state', '--max-errors', '10', '-j', '8'];
    const { code, stderr } = await copy(path, ...job);
    assert.equal(code, 3, stderr);
    assert.match(stderr, /written 19,996 \+ rejected 4/);
    const rejects = (await readFile(join(cwd, 'state', how, 'rejects.ndjson'), 'utf8'))
      .split('\n')
      .slice(0, -1);
    const told = rejects.map(line => JSON.parse(line) as { record: number; message: string });
    assert.deepEqual(
      told
        .map(({ record, message }) => [record, message])
        .sort((one, other) => Number(one[0]) - Number(other[0])),
      [5000, 10_000, 15_000, 20_000].map(id => [id, `no ${id}`]),
    );
  }
});

test('an error with a code of its own does not end with exit 0', async () => {
  const path = await module(
    'code.mjs',
    `import { TrancheError } from '${new URL('../../../dist/index.js', import.meta.url).href}';
     export default () => { throw Object.assign(new TrancheError('io', 'no'), { code: 'mine', kind: 'fatal' }); };`,
  );
  const { code } = await copy(path, '--retries', '0');
  assert.equal(code, 1);
});
