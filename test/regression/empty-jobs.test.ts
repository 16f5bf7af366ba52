import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { tranche } from '../helpers/program.js';
import { Workplace } from '../helpers/workplace.js';

const place = await Workplace.make();
const cwd = place.directory;
await place.write('in.csv', 'a,b\n1,x\n');
await place.write('other.csv', 'z,y\n9,9\n');

for (const words of [
  ['-', 'x.ndjson'],
  ['in.csv', 'x.unknown'],
  ['missing.csv', 'x.ndjson'],
  ['in.csv', 'x.ndjson', '--types', 'nobody:int'],
  ['in.csv', 'other.csv', '--append'],
  ['in.csv', 'other.csv'],
  ['in.csv', 'nowhere/x.csv'],
  ['in.csv', 'sqlite:nowhere/x.db#t'],
]) {
  test(`"copy ${words.join(' ')}" left a job that never was`, async () => {
    const how = ['--job', 'none', '--state-dir', 'state'];
    const { code } = await tranche(['copy', ...words, ...how], { cwd });
    assert.notEqual(code, 0);
    assert.equal(existsSync(place.path('state/none')), false);
  });
}

test('a command that is wrong takes nothing away from a job that is there', async () => {
  const how = ['--job', 'there', '--state-dir', 'state', '-q'];
  await tranche(['copy', 'in.csv', 'there.ndjson', ...how], { cwd });
  const before = place.read('state/there/checkpoint.json');
  const { code } = await tranche(['copy', '-', 'there.ndjson', ...how], { cwd });
  assert.equal(code, 2);
  assert.equal(place.read('state/there/checkpoint.json'), before);
});
