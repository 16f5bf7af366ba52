import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Lanes } from '#tranche/engine/lanes.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function memory(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

test('a work that takes long gathers nothing of those that pass it', async () => {
  const lanes = new Lanes(() => 2);
  let finish = () => {};
  lanes.begin(() => new Promise(resolve => (finish = resolve)));
  const before = memory();
  for (let i = 0; i < 200_000; i++) {
    lanes.begin(async () => {});
    await lanes.free();
  }
  const grown = memory() - before;
  assert.ok(grown < 5e6, `${grown} bytes`);
  finish();
  await lanes.end();
});
