import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type CopyPlan, copy } from '#tranche/copy.js';
import { TrancheError } from '#tranche/core/errors.js';
import { type CopyOptionValues, copyDefaults, copyOptions } from '#tranche/options.js';
import { demandPlan } from '#tranche/plan/check-plan.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const places = { source: 'in.csv', target: 'out.csv' };

/** What a program without types might hand over. */
const plan = (options: object): CopyPlan => ({ ...places, ...options });

const wrong: readonly (readonly [object, RegExp])[] = [
  [{ batchSize: 0 }, /^batchSize takes a whole number of at least 1, not 0$/],
  [{ batchSize: Number.NaN }, /^batchSize takes a whole number of at least 1, not NaN$/],
  [{ batchSize: '5' }, /^batchSize takes a number, not '5'$/],
  [{ batchBytes: -1 }, /^batchBytes takes a size/],
  [{ limit: 1.5 }, /^limit takes a whole number/],
  [{ timeout: Number.POSITIVE_INFINITY }, /^timeout takes a duration/],
  [{ timeout: '30s' }, /^timeout takes a number \(ms\), not '30s'$/],
  [{ rate: 0 }, /^rate takes records a second or minute/],
  [{ maxErrors: 5 }, /^maxErrors takes a whole number such as 10, or a percentage from 0% to 100%, not 5$/],
  [{ maxErrors: { percent: 101 } }, /^maxErrors takes .*, not \{ percent: 101 \}$/],
  [{ onChange: 'stop' }, /^onChange takes one of fail, continue, restart, not 'stop'$/],
  [{ resume: 'yes' }, /^resume takes true or false, not 'yes'$/],
  [{ job: '../up' }, /^job takes a name/],
  [{ select: 'a,b' }, /^select takes a list of names, not 'a,b'$/],
  [{ select: [] }, /^select takes a list of names/],
  [{ rename: { a: '' } }, /^rename takes/],
  [{ types: { others: 'infer', declared: { id: 'number' } } }, /^types takes types such as/],
  [{ types: 'text' }, /^types takes types such as/],
  [{ delimiter: ',,' }, /^delimiter takes one/],
  [{ batchsize: 5 }, /^there is no option batchsize \(did you mean "batchSize"\?\)$/],
  [{ source: '' }, /^source takes a place/],
  [{ target: 7 }, /^target takes a place such as orders\.csv, not 7$/],
  [{ transform: 'postgres://me:secret@h/d', job: 'postgres://me:secret@h/d' }, /^job takes .*me:\*\*\*@/],
  [{ resume: true, fresh: true }, /^--resume and --fresh contradict each other$/],
  [{ resume: true, checkpoint: false }, /^--resume and --no-checkpoint contradict each other$/],
  [{ overwrite: true, append: true }, /contradict each other/],
  [{ mode: 'truncate' }, /^--mode is for tables as target/],
];

for (const [options, message] of wrong) {
  test(`copy(${JSON.stringify(options)}) is a usage error, and nothing is made`, async () => {
    const stateDir = join(await temporaryDirectory(), 'state');
    await assert.rejects(copy(plan({ stateDir, ...options })), (error: unknown) => {
      assert.ok(error instanceof TrancheError);
      assert.equal(error.code, 'usage');
      assert.match(error.message, message);
      return true;
    });
    assert.ok(!existsSync(stateDir));
  });
}

test('no option takes anything', async () => {
  for (const name of Object.keys(copyOptions)) {
    for (const value of [Number.NaN, Symbol('x'), null, () => {}, {}]) {
      await assert.rejects(demandPlan(plan({ [name]: value })), { code: 'usage' }, name);
    }
  }
});

const texts: { readonly [name in keyof CopyOptionValues]: string } = {
  batchSize: '5',
  limit: '1',
  skip: '0',
  maxErrors: '0.5%',
  rate: '1000/m',
  rateBytes: '1MiB/s',
  maxDuration: '1h30m',
  maxBatches: '3',
  select: 'a,"b, c"',
  columns: 'a',
  key: 'a',
  rename: 'a=b',
  types: 'id:int,text',
};

test('what the command line reads, a program may hand over', async () => {
  for (const [name, option] of Object.entries(copyOptions)) {
    const defaults: { readonly [name: string]: unknown } = copyDefaults;
    const text = texts[name as keyof typeof texts];
    if (text === undefined && defaults[name] === undefined) continue;
    const value = text === undefined ? defaults[name] : await option.parse(text);
    await demandPlan(plan({ [name]: value }));
  }
  await demandPlan(plan({ quote: '', null: '', delimiter: '\t', key: undefined, command: ['tranche'] }));
});
