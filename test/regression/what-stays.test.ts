import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { Workplace } from '../helpers/workplace.js';

test('--fresh says that what an unfinished run added to a table or file stays there', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', 'a\n1\n2\n3\n');
  const warnings = async (target: string, options: object): Promise<readonly string[]> => {
    const plan = {
      source: place.path('in.csv'),
      target,
      stateDir: place.path('state'),
      job: 'job',
      ...options,
    };
    await copy({ ...plan, batchSize: 1, maxBatches: 2, fresh: true });
    const said: string[] = [];
    const report = (event: { readonly type: string; readonly message?: unknown }) =>
      void (event.type === 'warning' && said.push(String(event.message)));
    await copy({ ...plan, fresh: true }, { report });
    return said;
  };
  const table = `sqlite:${place.path('t.db')}#t`;
  const stay = (target: string) =>
    `2 records that the unfinished run wrote stay in ${target}: a start from the beginning writes them again`;
  assert.deepEqual(await warnings(table, {}), [stay(table)]);
  await place.write('out.csv', 'a\n');
  assert.deepEqual(await warnings(place.path('out.csv'), { append: true }), [stay(place.path('out.csv'))]);
  assert.deepEqual(await warnings(table, { mode: 'truncate' }), []);
  assert.deepEqual(await warnings(place.path('new.csv'), { overwrite: true }), []);
});
