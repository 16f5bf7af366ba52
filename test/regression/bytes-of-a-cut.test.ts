import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Workplace } from '../helpers/workplace.js';

const input = 'a,b\n1,x\nbad\n2,yy\n3,zzz\n';
const header = 4;

for (const name of ['in.csv', 'in.csv.gz']) {
  test(`${name}: a run that --limit cut short counted no bytes`, async () => {
    const place = await Workplace.make();
    await place.write(name, name.endsWith('.gz') ? gzipSync(input) : input);
    const how = { maxErrors: { count: 9 } } as const;
    for (const [limit, end] of [
      [1, 'a,b\n1,x\n'],
      [2, 'a,b\n1,x\nbad\n'],
      [3, 'a,b\n1,x\nbad\n2,yy\n'],
      [4, input],
    ] as const) {
      const { counts } = await place.copy(name, `${limit}.ndjson`, { ...how, limit, job: `limit-${limit}` });
      assert.equal(counts.bytes, end.length - header);
    }
  });

  test(`${name}: the pieces of a batch have as many bytes as the batch`, async () => {
    const place = await Workplace.make();
    await place.write(name, name.endsWith('.gz') ? gzipSync(input) : input);
    const how = { maxErrors: { count: 9 }, skip: 1 } as const;
    const { counts } = await place.copy(name, 'rest.ndjson', how);
    assert.equal(counts.bytes, input.length - header);
  });
}
