import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTarget } from '#tranche/targets/index.js';
import type { TargetContext } from '#tranche/targets/target-kind.js';
import { moduleIn } from '../../helpers/modules.js';
import { temporaryDirectory } from '../../helpers/temporary.js';
import { Sink } from '../../helpers/workplace.js';

const directory = await temporaryDirectory();
const context: TargetContext = {
  options: {},
  stdout: new Sink(),
  sourceFormat: 'csv',
  reshaped: false,
  timeout: 1000,
  report: () => undefined,
};

async function load(name: string, text: string, changes: Partial<TargetContext> = {}) {
  return await createTarget(await moduleIn(directory, text, name), { ...context, ...changes });
}

test('ES modules and CommonJS, as people and as compilers write it', async () => {
  await load('plain.mjs', 'export default () => {}');
  await load('object.mjs', 'export default { write() {} }');
  await load('common.cjs', 'module.exports = () => {}');
  await load('compiled.cjs', 'exports.__esModule = true; exports.default = () => {}');
});

test('what is no module to load is said at once', async () => {
  for (const [name, text, message] of [
    ['none.mjs', 'export const write = () => {}', /neither a function nor an object with a function write/],
    ['number.mjs', 'export default 42', /neither a function/],
    ['null.mjs', 'export default null', /neither a function/],
    ['size.mjs', 'export default { write() {}, batchSize: 0 }', /batchSize that is not a whole number/],
    ['many.mjs', 'export default { write() {}, concurrency: "4" }', /concurrency that is not/],
    ['once.mjs', 'export default { write() {}, guarantee: "once" }', /guarantee that is not 'exactly once'/],
    ['open.mjs', 'export default { write() {}, open: true }', /open that is not a function/],
    [
      'half.mjs',
      'export default { write() {}, ledger: { recall() {} } }',
      /ledger that is not an object with/,
    ],
    [
      'lanes.mjs',
      'export default { write() {}, concurrency: 2, ledger: { recall() {}, record() {} } }',
      /entries have to follow one another/,
    ],
    ['syntax.mjs', 'export default {', /Unexpected end of input/],
    ['throws.mjs', 'throw new Error("no database")', /cannot load .*throws\.mjs: no database/],
  ] as const) {
    await assert.rejects(load(name, text), { code: 'module', message }, name);
  }
  await assert.rejects(createTarget(`${directory}/missing.mjs`, context), {
    code: 'module',
    message: /missing\.mjs/,
  });
});

test('TypeScript is loaded where Node.js can', async () => {
  const loading = load('load.ts', 'export default (records: object[]): void => { records.length; };');
  if ('typescript' in process.features && process.features.typescript) await loading;
  else
    await assert.rejects(loading, {
      code: 'module',
      message: /Node\.js v.* does not load TypeScript/,
      hint: /22\.18/,
    });
});

test('records of JSON keep all their keys, unless some are chosen', async () => {
  const text = 'export default () => {}';
  assert.equal((await load('a.mjs', text, { sourceFormat: 'ndjson' })).traits.cells, false);
  assert.equal((await load('a.mjs', text, { sourceFormat: 'ndjson', reshaped: true })).traits.cells, true);
  assert.equal((await load('a.mjs', text)).traits.cells, true);
});
