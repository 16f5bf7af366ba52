import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHeaders, parseHeader, withoutValue } from '#tranche/targets/http/header.js';

test('a header is a name and a value', () => {
  assert.deepEqual(parseHeader('X-Tenant: a: b '), { name: 'X-Tenant', value: 'a: b' });
  assert.deepEqual(parseHeader('X-Tenant:'), { name: 'X-Tenant', value: '' });
});

for (const text of [
  'X-Tenant',
  ': 7',
  'X Tenant: 7',
  'X-Tenant: 7\r\nHost: elsewhere',
  'X-Tenant: 7\n',
  'X-Tenant: \0',
  'X-Tenant: →',
  'Content-Length: 7',
  'transfer-encoding: chunked',
  'Idempotency-Key: 7',
  'Authorization: ***',
]) {
  test(`no header: ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseHeader(text), TypeError);
  });
}

test('programs hand over a list of names and values', () => {
  checkHeaders([{ name: 'X-Tenant', value: '7' }]);
  for (const wrong of [
    'X-Tenant: 7',
    ['X-Tenant: 7'],
    [null],
    [{ name: 'A\nB', value: '' }],
    { name: 'A', value: 'b' },
  ])
    assert.throws(() => checkHeaders(wrong), TypeError, JSON.stringify(wrong));
});

test('what is shown of a header', () => {
  assert.equal(withoutValue('Cookie: a=b'), 'Cookie: ***');
  assert.equal(withoutValue('Content-Type: text/csv'), 'Content-Type: text/csv');
});
