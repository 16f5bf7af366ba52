import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ColumnType } from '#tranche/core/columns.js';
import { cellText, cellValue } from '#tranche/formats/cells.js';
import { anyCharacter } from '../helpers/any-character.js';
import { type CsvCell, csvRecords } from '../helpers/csv-records.js';
import { scanJson, valuesOf } from '../helpers/scan-json.js';

function csvValue(cell: CsvCell, type: ColumnType, escaping = '"'): unknown {
  return cellValue(csvRecords([[cell]], escaping), 0, type);
}

test('CSV: values by the type of their column', () => {
  assert.equal(csvValue('42', 'integer'), 42);
  assert.equal(csvValue('-42', 'integer'), -42);
  assert.equal(csvValue('9007199254740991', 'integer'), Number.MAX_SAFE_INTEGER);
  assert.equal(csvValue('9007199254740993', 'integer'), 9007199254740993n);
  assert.equal(csvValue({ quoted: '7' }, 'integer'), 7);
  assert.equal(csvValue('0.5', 'real'), 0.5);
  assert.equal(csvValue('1.7976931348623157e+308', 'real'), Number.MAX_VALUE);
  assert.equal(csvValue('1.10', 'decimal'), '1.10');
  assert.equal(csvValue('true', 'boolean'), true);
  assert.equal(csvValue('false', 'boolean'), false);
  assert.equal(csvValue('2024-01-01', 'date'), '2024-01-01');
  assert.equal(csvValue('5', 'text'), '5');
  assert.deepEqual(csvValue({ quoted: '{""a"":[1,12345678901234567890]}' }, 'json'), {
    a: [1, 12345678901234567890n],
  });
  assert.equal(csvValue(null, 'integer'), null);
});

test('CSV: what does not fit its type is its text', () => {
  const misfits: [string, ColumnType][] = [
    ['00501', 'integer'],
    ['-0', 'integer'],
    ['', 'integer'],
    ['9223372036854775808', 'integer'],
    ['1.10', 'real'],
    ['x', 'real'],
    ['TRUE', 'boolean'],
    ['5', 'json'],
    ['{', 'json'],
  ];
  for (const [text, type] of misfits) {
    assert.equal(csvValue(text, type), text);
    assert.equal(csvValue({ quoted: text }, type), text);
  }
  assert.equal(csvValue({ quoted: '""1' }, 'integer'), '"1');
});

test('CSV: escapes in quotes', () => {
  assert.equal(csvValue({ quoted: 'say ""hi""' }, 'text'), 'say "hi"');
  assert.equal(csvValue({ quoted: '""' }, 'text'), '"');
  assert.equal(csvValue({ quoted: '""""' }, 'text'), '""');
  assert.equal(csvValue({ quoted: 'a\\"b\\\\c\\n\\' }, 'text', '\\'), 'a"b\\c\\n\\');
});

test('JSON: the literal decides, whatever the column is', () => {
  const values =
    '1 -0 1.10 1e400 9007199254740993 0.1234567890123456789 "5" "\\ud83d\\ude00\\n" true false null {"a":1e400} []';
  const names = values.split(' ').map((_, i) => `c${i}`);
  const line = `{${values.split(' ').map((value, i) => `"c${i}":${value}`)}}`;
  assert.deepEqual(valuesOf(scanJson(line, names))[0], [
    1,
    -0,
    1.1,
    '1e400',
    9007199254740993n,
    '0.1234567890123456789',
    '5',
    '\u{1f600}\n',
    true,
    false,
    null,
    { a: '1e400' },
    [],
  ]);
});

test('the text of any cell', () => {
  const { records } = scanJson('{"a":"x\\u00e9","b":1.10,"c":true,"d":[1, 2],"e":null}', [
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
  ]);
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5].map(cell => cellText(records, cell)),
    ['xé', '1.10', 'true', '[1, 2]', null, null],
  );
  assert.equal(cellText(csvRecords([[{ quoted: 'a""b' }]]), 0), 'a"b');
  assert.equal(cellText(csvRecords([['']]), 0), '');
});

test('any text comes out as it went in, however often', () => {
  const text = fc.string({ unit: anyCharacter, maxLength: 40 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), texts => {
      const csv = csvRecords(texts.map(value => [{ quoted: value.replaceAll('"', '""') }]));
      const json = scanJson(texts.map(value => JSON.stringify({ a: value })).join('\n'), ['a']).records;
      for (const [i, value] of texts.entries()) {
        assert.equal(cellText(csv, i), value);
        assert.equal(cellText(json, i), value);
        assert.equal(cellText(json, i), value, 'a second time');
      }
    }),
  );
});
