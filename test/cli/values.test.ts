import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveValues } from '#tranche/cli/values.js';
import { TrancheError } from '#tranche/core/errors.js';
import { copyOptions } from '#tranche/options.js';

const resolve = (given: Parameters<typeof resolveValues>[1], env: NodeJS.ProcessEnv = {}) =>
  resolveValues(copyOptions, given, env);

test('a flag wins over the environment, which wins over the default', async () => {
  const env = { TRANCHE_RETRIES: '7', TRANCHE_BATCH_SIZE: '50' };
  assert.deepEqual(await resolve({ retries: ['3'] }, env), { retries: 3, batchSize: 50 });
  assert.deepEqual(await resolve({}), {});
});

test('an empty variable is one that is not set', async () => {
  assert.deepEqual(await resolve({}, { TRANCHE_RETRIES: '' }), {});
});

test('switches come from the environment as words', async () => {
  assert.deepEqual(await resolve({}, { TRANCHE_RESUME: 'yes', TRANCHE_FRESH: '0' }), {
    resume: true,
    fresh: false,
  });
});

test('a switch that turns something off gives false', async () => {
  assert.deepEqual(await resolve({ checkpoint: true }), { checkpoint: false });
  assert.deepEqual(await resolve({}, { TRANCHE_NO_HEADER: '1' }), { header: false });
  assert.deepEqual(await resolve({}, { TRANCHE_NO_HEADER: '0' }), { header: true });
});

test('lists are joined, maps merged', async () => {
  const values = await resolve({ select: ['a,b', 'c'], rename: ['a=x', 'b=y'] });
  assert.deepEqual(values, { select: ['a', 'b', 'c'], rename: { a: 'x', b: 'y' } });
});

test('a column may have the name of something that every object has', async () => {
  const { rename } = await resolve({ rename: ['__proto__=x', 'toString=y'] });
  assert.deepEqual(Object.entries(rename as object), [
    ['__proto__', 'x'],
    ['toString', 'y'],
  ]);
});

test('a wrong value names the option, what it takes and what it got, and the nearest word', async () => {
  await assert.rejects(resolve({ onChange: ['conitnue'] }), (error: unknown) => {
    assert.ok(error instanceof TrancheError);
    assert.equal(error.code, 'usage');
    assert.equal(
      error.message,
      '--on-change takes one of fail, continue, restart, not "conitnue" (did you mean "continue"?)',
    );
    return true;
  });
});

test('a wrong value from the environment names the variable', async () => {
  await assert.rejects(
    resolve({}, { TRANCHE_BATCH_SIZE: 'many' }),
    /^TrancheError: TRANCHE_BATCH_SIZE takes a whole number of at least 1, not "many"$/,
  );
});
