import assert from 'node:assert/strict';
import { test } from 'node:test';
import { discoverColumns } from '#tranche/formats/ndjson/discover.js';

function discover(text: string, limit = 100, last = true) {
  const bytes = Buffer.from(text);
  return discoverColumns(bytes, 0, bytes.length, last, limit);
}

test('all keys in the order in which they come up, with the type of their values', () => {
  const found = discover(
    '{"b":1,"a":"x"}\n\n{"a":"2024-01-01","1":0.5,"b":-2}\n{"t":"2024-01-01 10:00","n":null,"o":{}}',
  );
  assert.deepEqual(found, {
    names: ['b', 'a', '1', 't', 'n', 'o'],
    types: ['integer', 'text', 'real', 'timestamp', 'text', 'json'],
    records: 3,
  });
});

test('a key is the same however it is written, and may be any text', () => {
  const { names } = discover('{"a":1,"\\u0061":2,"__proto__":1,"":1}\n{"é":{"inner":1},"\\u00e9":1}\n');
  assert.deepEqual(names, ['a', '__proto__', '', 'é']);
});

test('malformed records have no keys; the limit counts them', () => {
  const found = discover('{"x":1\n[1]\n{"a":1}\n{"b":1}\n', 3);
  assert.deepEqual(found, { names: ['a'], types: ['integer'], records: 3 });
});

test('a line that may go on is left out', () => {
  assert.deepEqual(discover('{"a":1}\n{"b":2}', 100, false).names, ['a']);
  assert.deepEqual(discover('{"a":1}\n{"b":2}', 100, true).names, ['a', 'b']);
  assert.deepEqual(discover(''), { names: [], types: [], records: 0 });
});

test('a column of strings that look like numbers is text', () => {
  assert.deepEqual(discover('{"a":"1","b":1}\n{"a":"2","b":"2"}\n').types, ['text', 'text']);
});
