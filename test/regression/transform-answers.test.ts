import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tranche } from '../helpers/program.js';
import { Workplace } from '../helpers/workplace.js';

const place = await Workplace.make();
await place.write('in.csv', 'a\n1\n2\n');

test('a transform that never answers ended the program with exit code 13 and without a word', async () => {
  await place.write('hang.mjs', 'export default () => new Promise(() => {});');
  const words = ['copy', 'in.csv', 'hang.ndjson', '--transform', 'hang.mjs', '--timeout', '50ms'];
  const { code, stderr } = await tranche(words, { cwd: place.directory });
  assert.equal(code, 4);
  assert.match(stderr, /in\.csv, line 2, byte 2: the transform answered nothing within 50 ms/);
});

test('an answer that is no record was blamed on a line of ours', async () => {
  await place.write('number.mjs', 'export default () => 42;');
  const words = ['copy', 'in.csv', 'number.ndjson', '--transform', 'number.mjs', '--max-errors', '100%'];
  const { code } = await tranche([...words, '--job', 'job', '--state-dir', 'state', '-q'], {
    cwd: place.directory,
  });
  assert.equal(code, 3);
  assert.deepEqual(
    place.rejects().map(({ message }) => message),
    [
      'the transform answered a number instead of a record',
      'the transform answered a number instead of a record',
    ],
  );
});

test('an answer that is a Map or a Date was written as {}; objects of classes and without a prototype are records', async () => {
  await place.write(
    'kinds.mjs',
    `class Row { constructor(a) { this.a = a; } }
     const kinds = { map: () => new Map([['a', 1]]), date: () => new Date(0), bytes: () => Buffer.from('a'),
       row: () => new Row(2), bare: () => Object.assign(Object.create(null), { a: 3 }) };
     export default ({ kind }) => kinds[kind]();`,
  );
  await place.write('kinds.csv', 'kind\nmap\ndate\nbytes\nrow\nbare\n');
  const words = ['copy', 'kinds.csv', 'kinds.ndjson', '--transform', 'kinds.mjs', '--max-errors', '100%'];
  const { code } = await tranche([...words, '--job', 'kinds', '--state-dir', 'kinds-state', '-q'], {
    cwd: place.directory,
  });
  assert.equal(code, 3);
  assert.equal(await place.read('kinds.ndjson'), '{"a":2}\n{"a":3}\n');
});
