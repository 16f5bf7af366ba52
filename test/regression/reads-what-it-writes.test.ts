import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { Workplace } from '../helpers/workplace.js';

test('a pattern that finds the result of yesterday among the files to read is a usage error', async () => {
  const place = await Workplace.make();
  await mkdir(place.path('in'));
  await place.write('in/a.csv', 'a\n1\n');
  await place.copy('in/*.csv', 'in/all.csv', { resume: true });
  await assert.rejects(place.copy('in/*.csv', 'in/all.csv', { resume: true }), {
    code: 'usage',
    message: `${place.path('in/all.csv')} is a file of the source ${place.path('in/*.csv')} too`,
  });
  assert.equal(place.read('in/all.csv'), 'a\n1\n');
});

test('a file is not appended to itself, and may be replaced by what is made of it', async () => {
  const place = await Workplace.make();
  await place.write('a.csv', 'a,b\n1,2\n');
  await assert.rejects(place.copy('a.csv', 'a.csv', { append: true }), { code: 'usage' });
  await place.copy('a.csv', 'a.csv', { overwrite: true, select: ['b'] });
  assert.equal(place.read('a.csv'), 'b\n2\n');
});
