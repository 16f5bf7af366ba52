import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { newDatabase, query } from '../helpers/sqlite-table.js';
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

test('a table is not emptied to read it, nor added to itself; its rows may be changed in place', async () => {
  const place = await Workplace.make();
  const path = await newDatabase(
    'CREATE TABLE t (id INTEGER PRIMARY KEY, v); INSERT INTO t VALUES (1, 1), (2, 2)',
  );
  const table = `sqlite:${path}#t`;
  const plan = { source: table, target: table, stateDir: place.path('state') };
  for (const options of [
    {},
    { mode: 'truncate' },
    { mode: 'replace', key: ['id'], onConflict: 'update' },
  ] as const)
    await assert.rejects(copy({ ...plan, ...options }), {
      code: 'usage',
      message: `${table} is the table that is read`,
    });
  await place.write('more.mjs', 'export default record => ({ ...record, v: record.v * 10 });');
  const inPlace = {
    key: ['id'],
    onConflict: 'update',
    batchSize: 1,
    transform: place.path('more.mjs'),
  } as const;
  assert.equal((await copy({ ...plan, ...inPlace })).status, 'finished');
  assert.deepEqual(await query(path, 'SELECT id, v FROM t'), [
    [1n, 10n],
    [2n, 20n],
  ]);
});
