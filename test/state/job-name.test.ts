import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { jobDirectory } from '#tranche/state/job-directory.js';
import { defaultJobName } from '#tranche/state/job-name.js';
import { anyCharacter } from '../helpers/any-character.js';

test('tells source and target', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['flights.csv', 'sqlite:shop.db#orders', 'flights-csv-to-shop-db-orders'],
    ['data/Été 2024.csv.gz', 'out.ndjson', 'ete-2024-csv-gz-to-out-ndjson'],
    ['logs/*.csv', 'none:', 'logs-csv-to-none'],
    ['-', '-', 'stdin-to-stdout'],
    [
      'sqlite:/var/shop.db#a',
      'postgres://me:pw@db.local/shop#public.orders',
      'shop-db-a-to-shop-public-orders',
    ],
    ['a.csv', 'https://api.example.com/v1/items?token=abc', 'a-csv-to-items'],
    ['a.csv', 'https://api.example.com', 'a-csv-to-api-example-com'],
    ['a.csv', './load.mjs', 'a-csv-to-load-mjs'],
    ['a.csv', 'exec:/usr/bin/curl -H "Authorization: hunter2"', 'a-csv-to-exec-curl'],
    ['数据', '数据', 'data-to-data'],
    ['.', '/', `${resolve('.').split('/').at(-1)!.toLowerCase()}-to-data`],
  ];
  for (const [source, target, expected] of cases) {
    const name = defaultJobName(source, target);
    assert.equal(name.slice(0, -7), expected, `${source} ${target}`);
    assert.match(name.slice(-7), /^-[0-9a-f]{6}$/);
  }
});

test('the same place has the same name, however it is written', () => {
  const name = defaultJobName('flights.csv', 'sqlite:shop.db#orders');
  assert.equal(defaultJobName('./flights.csv', 'sqlite:./shop.db#orders'), name);
  assert.equal(defaultJobName(resolve('flights.csv'), `sqlite:${resolve('shop.db')}#orders`), name);
});

test('other places have other names', () => {
  const names = [
    defaultJobName('a/flights.csv', 'b'),
    defaultJobName('c/flights.csv', 'b'),
    defaultJobName('b', 'a/flights.csv'),
    defaultJobName('flights.csv', 'sqlite:b'),
    defaultJobName('flights.csv', 'b'),
    defaultJobName('flights.csv', 'postgres://me@one/b#t'),
    defaultJobName('flights.csv', 'postgres://me@two/b#t'),
    defaultJobName('flights.csv', 'postgres://you@two/b#t'),
  ];
  assert.equal(new Set(names).size, names.length);
});

test('a password neither shows nor matters', () => {
  const name = defaultJobName('a.csv', 'postgres://me@db/shop#orders');
  for (const password of ['', 'hunter2', 'p/w', 'p@w', 'p#w:x?']) {
    assert.equal(defaultJobName('a.csv', `postgres://me:${password}@db/shop#orders`), name, password);
  }
  assert.equal(defaultJobName('a.csv', 'https://me:pw@host/x'), defaultJobName('a.csv', 'https://me@host/x'));
  const token = defaultJobName('a.csv', 'https://host/x?token=one');
  assert.equal(defaultJobName('a.csv', 'https://host/x?token=two'), token);
});

test('is always a name that a job can have', () => {
  const spec = fc.oneof(
    fc.string({ unit: anyCharacter, maxLength: 300 }),
    fc.webUrl(),
    fc.string().map(text => `sqlite:${text}`),
    fc.string().map(text => `exec:${text}`),
    fc.string().map(text => `postgres://${text}`),
  );
  fc.assert(
    fc.property(spec, spec, (source, target) => {
      const name = defaultJobName(source, target);
      assert.equal(jobDirectory('/s', name), `/s/${name}`);
    }),
  );
});
