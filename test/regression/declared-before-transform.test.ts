import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Workplace } from '../helpers/workplace.js';

test('a value that does not fit its declared type is a reject with a transform too', async () => {
  for (const target of ['out.ndjson', 'out.csv', 'none:']) {
    const place = await Workplace.make();
    await place.write('in.csv', 'a,b\n1,2\nx,3\n4,y\n');
    await place.write('same.mjs', 'export default record => record;\n');
    const summary = await place.copy('in.csv', target, {
      transform: place.path('same.mjs'),
      types: { others: 'infer', declared: { a: 'integer' } },
      maxErrors: { count: 1 },
    });
    assert.deepEqual([summary.status, summary.rejectedBy], ['finished', { type: 1 }]);
    assert.deepEqual([summary.counts.written, place.rejects()[0]?.['raw']], [2, 'x,3']);
    if (target === 'out.csv') assert.equal(place.read(target), 'a,b\n1,2\n4,y\n');
  }
});
