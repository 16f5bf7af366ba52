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
