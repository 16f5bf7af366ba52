import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listText, parseList } from '#tranche/formats/list.js';

test('a list is told as it has to be typed', async () => {
  assert.equal(await listText(['id', 'last, first', 'say "x"']), 'id,"last, first","say ""x"""');
  const name = fc.string({ minLength: 1 }).filter(text => !/[\r\n]/.test(text));
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1 }), async names => {
      assert.deepEqual(await parseList(await listText(names)), names);
    }),
    { examples: [[[' ']], [[' ', 'x']], [['\t', ' x ']]] },
  );
});
