import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrancheError } from '#tranche/core/errors.js';
import { parseSqliteSpec } from '#tranche/targets/sqlite/spec.js';

test('file and table', () => {
  assert.deepEqual(parseSqliteSpec('sqlite:shop.db#orders'), { path: 'shop.db', table: 'orders' });
  assert.deepEqual(parseSqliteSpec('sqlite:/a b/c#d.db#my orders'), {
    path: '/a b/c#d.db',
    table: 'my orders',
  });
  assert.deepEqual(parseSqliteSpec('sqlite:shop.db', 'a#b'), { path: 'shop.db', table: 'a#b' });
  assert.deepEqual(parseSqliteSpec('sqlite:c#d.db#', 'orders'), { path: 'c#d.db', table: 'orders' });
  assert.deepEqual(parseSqliteSpec('sqlite:shop.db#orders', 'orders'), { path: 'shop.db', table: 'orders' });
  assert.deepEqual(parseSqliteSpec('sqlite:///srv/shop.db#orders'), {
    path: '///srv/shop.db',
    table: 'orders',
  });
});

test('what names no table that can be written is a usage error with a remedy', () => {
  const wrong: readonly (readonly [string, string | undefined, RegExp])[] = [
    ['sqlite:', undefined, /no database file/],
    ['sqlite:#orders', undefined, /no database file/],
    ['sqlite:shop.db', undefined, /no table/],
    ['sqlite:shop.db#', undefined, /no table/],
    ['sqlite:shop.db#a', 'b', /two tables/],
    ['sqlite://shop.db#a', undefined, /not a URL/],
    ['sqlite:shop.db#sqlite_stat1', undefined, /sqlite_/],
    ['sqlite:shop.db#SQLITE_x', undefined, /sqlite_/],
    ['sqlite:shop.db#Tranche_Ledger', undefined, /ledger/],
    ['sqlite:shop.db#a\0b', undefined, /NUL/],
  ];
  for (const [spec, table, message] of wrong) {
    assert.throws(
      () => parseSqliteSpec(spec, table),
      (error: TrancheError) => {
        assert.equal(error.code, 'usage', spec);
        assert.match(error.message, message, spec);
        assert.ok(error.hint, spec);
        return true;
      },
    );
  }
});
