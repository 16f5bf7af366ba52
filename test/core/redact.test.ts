import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasSecret, redact } from '#tranche/core/redact.js';

const cases: readonly (readonly [string, string])[] = [
  ['postgres://me:secret@db/shop', 'postgres://me:***@db/shop'],
  ['cannot reach mysql://me:secret@db:3306/shop today', 'cannot reach mysql://me:***@db:3306/shop today'],
  ['postgres://me:p@ss/w@rd@db/shop', 'postgres://me:***@db/shop'],
  ['https://me:secret@example.com/a@b', 'https://***@example.com/a@b'],
  ['https://sk_live:@example.com', 'https://***@example.com'],
  ['https://token@example.com/items', 'https://***@example.com/items'],
  ['https://example.com/?api_key=abc&page=2', 'https://example.com/?api_key=***&page=2'],
  ['http://example.com/?X-Amz-Signature=abc&key=d', 'http://example.com/?X-Amz-Signature=***&key=***'],
  ['postgres://db/shop?password=abc', 'postgres://db/shop?password=***'],
];

for (const [text, expected] of cases) {
  test(`redacts ${expected}`, () => {
    assert.equal(redact(text), expected);
    assert.equal(hasSecret(text), true);
    assert.equal(redact(expected), expected);
  });
}

test('leaves what holds no secret as it is', () => {
  for (const text of [
    'orders.csv',
    'postgres://me@db:5432/shop#public.orders',
    'postgres://db:5432/shop',
    'https://example.com:8080/a@b',
    'sqlite:shop.db#orders',
    'see me@example.com: now',
  ]) {
    assert.equal(redact(text), text);
    assert.equal(hasSecret(text), false);
  }
});

test('no password of a database URL survives, whatever it is made of', () => {
  const password = fc.stringMatching(/^[!-~]{6,20}$/);
  fc.assert(
    fc.property(password, fc.constantFrom('postgres', 'mysql'), (secret, scheme) => {
      assert.equal(redact(`${scheme}://me:${secret}@db.example/shop`), `${scheme}://me:***@db.example/shop`);
    }),
  );
});
