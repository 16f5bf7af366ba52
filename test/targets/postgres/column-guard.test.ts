import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogueColumn } from '#tranche/postgres/catalogue.js';
import { ColumnGuard } from '#tranche/targets/postgres/column-guard.js';
import { type CsvCell, csvRecords } from '../../helpers/csv-records.js';

const column: CatalogueColumn = {
  name: 'n',
  type: 'bigint',
  base: 'int8',
  modifier: -1,
  generated: false,
  notNull: false,
  hasDefault: false,
};
const source = { name: 'n', type: 'text', declared: false, from: 0 } as const;

/** Indices of the records that are refused, and whether the rest is sure, for values that a column of `native` gave. */
function check(
  native: string | undefined,
  cells: readonly CsvCell[],
  target: Partial<CatalogueColumn> = {},
  as: Partial<typeof source | { declared: true; type: 'integer' }> = {},
) {
  const bound = { column: { ...column, ...target }, source: { ...source, ...as } };
  const guard = new ColumnGuard([bound]);
  const records = csvRecords(cells.map(cell => [cell]));
  const refused = guard.check(native === undefined ? records : { ...records, native: [native] });
  return [refused.map(({ index }) => index), guard.allSure];
}

test('values of a column of the very same type are not looked at', () => {
  assert.deepEqual(check(undefined, ['1', '007']), [[1], false]);
  assert.deepEqual(check('postgres int8', ['1', '007']), [[], true]);
});

test('values of a column of another type, or of other precision, are looked at', () => {
  assert.deepEqual(check('postgres int4', ['1', '007']), [[1], false]);
  assert.deepEqual(check('postgres text', ['1', '007']), [[1], false]);
  const short = { base: 'varchar', type: 'character varying(3)', modifier: 7 };
  assert.deepEqual(check('postgres varchar', ['abc', 'abcd'], short), [[1], false]);
  assert.deepEqual(check('postgres varchar 8', ['abc', 'abcd'], short), [[1], false]);
  assert.deepEqual(check('postgres varchar 7', ['abc'], short), [[], true]);
});

test('of the same type too, a value is missed where there has to be one, and has to be what was declared', () => {
  assert.deepEqual(check('postgres int8', ['1', null], { notNull: true }), [[1], false]);
  const text = { base: 'text', type: 'text' };
  assert.deepEqual(check('postgres text', ['1', 'x'], text, { declared: true, type: 'integer' }), [
    [1],
    false,
  ]);
});
