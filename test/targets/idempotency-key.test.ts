import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { idempotencyKey } from '#tranche/targets/idempotency-key.js';

const at = { file: 'orders.csv', line: 3, offset: 40, record: 2 };
const content = Buffer.from('[{"id":1}]');

test('a key stays what it is', () => {
  const key = '279449441f23cfd16e78f924119cffa03eca14f84cf5416cddc2e3ea1c023351';
  assert.equal(idempotencyKey('job', at, content), key);
  assert.equal(idempotencyKey('job', { ...at, line: 0 }, Buffer.from(content)), key);
});

test('whatever differs makes another key', () => {
  const keys = [
    idempotencyKey('job', at, content),
    idempotencyKey('job2', at, content),
    idempotencyKey('job', { ...at, file: 'orders2.csv' }, content),
    idempotencyKey('job', { ...at, offset: 41 }, content),
    idempotencyKey('job', { ...at, record: 3 }, content),
    idempotencyKey('job', at, Buffer.from('[{"id":2}]')),
    idempotencyKey('job', at, content, 1),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

test('large contents are hashed like small ones', () => {
  const keyed = (length: number): string =>
    createHash('sha256').update('["job","ö.csv",40,2,0]\n').update(Buffer.alloc(length, 'x')).digest('hex');
  for (const length of [0, 4000, 4072, 4073, 4074, 5000])
    assert.equal(idempotencyKey('job', { ...at, file: 'ö.csv' }, Buffer.alloc(length, 'x')), keyed(length));
});
