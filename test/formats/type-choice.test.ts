import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseColumns, parseTypes } from '#tranche/formats/type-choice.js';

test('--types: infer, text, pairs, synonyms', async () => {
  assert.deepEqual(await parseTypes('infer'), { others: 'infer', declared: {} });
  assert.deepEqual(await parseTypes('text'), { others: 'text', declared: {} });
  assert.deepEqual(await parseTypes('id:int, price:NUMERIC,at:datetime,a:b:bool'), {
    others: 'infer',
    declared: { id: 'integer', price: 'decimal', at: 'timestamp', 'a:b': 'boolean' },
  });
  assert.deepEqual(await parseTypes('text,id:bigint'), { others: 'text', declared: { id: 'integer' } });
});

test('--types: a column may be called __proto__', async () => {
  const choice = await parseTypes('__proto__:integer');
  assert.deepEqual(chooseColumns(['__proto__', 'toString'], ['text', 'date'], choice), [
    { name: '__proto__', type: 'integer', declared: true },
    { name: 'toString', type: 'date', declared: false },
  ]);
});

test('--types: a wrong value says what is expected and what was probably meant', async () => {
  const suggestion = { name: 'TypeError', message: /id:integer.* \(did you mean "integer"\?\)/ };
  await assert.rejects(async () => parseTypes('id:integr'), suggestion);
  await assert.rejects(async () => parseTypes('id:constructor'), { name: 'TypeError' });
  await assert.rejects(async () => parseTypes('numbers'), { name: 'TypeError', message: /id:integer/ });
  await assert.rejects(async () => parseTypes(':integer'), { name: 'TypeError' });
});

test('columns under --types', async () => {
  assert.deepEqual(chooseColumns(['a', 'b'], ['integer', 'date'], await parseTypes('a:decimal')), [
    { name: 'a', type: 'decimal', declared: true },
    { name: 'b', type: 'date', declared: false },
  ]);
  const text = { name: 'a', type: 'text', declared: false };
  assert.deepEqual(chooseColumns(['a'], ['integer'], await parseTypes('text')), [text]);
  const wrong = await parseTypes('prize:real');
  assert.throws(() => chooseColumns(['price'], ['real'], wrong), {
    code: 'usage',
    message: /"prize".*did you mean "price"/,
  });
});
