import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnType, OutputColumn } from '#tranche/core/columns.js';
import { decodeAll, decoderOf } from '#tranche/formats/decode.js';
import { recordObjectFromJson } from '#tranche/formats/objects.js';
import { csvRecords } from '../helpers/csv-records.js';
import { scanJson } from '../helpers/scan-json.js';

function column(name: string, type: ColumnType, from: number): OutputColumn {
  return { name, type, declared: false, from };
}

test('an object a record, with the columns as keys', () => {
  const records = csvRecords([
    ['1', 'x', '0.5'],
    ['2', null, 'y'],
  ]);
  const columns = [column('c', 'real', 2), column('a', 'integer', 0), column('b', 'text', 1)];
  assert.deepEqual(decodeAll(decoderOf(columns), records), [
    { c: 0.5, a: 1, b: 'x' },
    { c: 'y', a: 2, b: null },
  ]);
  assert.deepEqual(Object.keys(decoderOf(columns)(records, 0)), ['c', 'a', 'b']);
});

test('objects share nothing, and have the usual prototype', () => {
  const columns = [column('a', 'integer', 0)];
  const [first, second] = decodeAll(decoderOf(columns), csvRecords([['1'], ['2']]));
  first!['a'] = 'changed';
  first!['more'] = 1;
  assert.deepEqual(second, { a: 2 });
  assert.equal(Object.getPrototypeOf(second), Object.prototype);
});

test('a column called __proto__ is a key like any other', () => {
  const columns = [column('__proto__', 'text', 0), column('toString', 'text', 1)];
  const [object] = decodeAll(decoderOf(columns), csvRecords([['{"polluted":1}', 'x']]));
  assert.deepEqual(Object.entries(object!), [
    ['__proto__', '{"polluted":1}'],
    ['toString', 'x'],
  ]);
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
});

test('records of JSON with the keys that they have', () => {
  const { records } = scanJson(
    '{"b":1,"a":[12345678901234567890]}\n{"__proto__":1.10,"é":1e400,"a":1,"a":2}\n',
  );
  assert.deepEqual(recordObjectFromJson(records, 0), { b: 1, a: [12345678901234567890n] });
  assert.deepEqual(Object.entries(recordObjectFromJson(records, 1)), [
    ['__proto__', 1.1],
    ['é', '1e400'],
    ['a', 2],
  ]);
});
