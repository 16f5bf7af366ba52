import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NdjsonScanner } from '#tranche/formats/ndjson/scanner.js';
import { DEPTH_LIMIT } from '#tranche/formats/ndjson/syntax.js';
import { kindsOf, rawCell, scanJson, valuesOf } from '../../helpers/scan-json.js';

test('records and the bounds and kinds of their cells', () => {
  const scanned = scanJson('{"a":"x","b":12,"c":true}\n{"a":"\\n","b":null,"c":[1,{"d":"}"}]}\n', [
    'a',
    'b',
    'c',
  ]);
  assert.deepEqual(scanned.faults, []);
  assert.deepEqual(kindsOf(scanned), ['quoted', 'number', 'literal', 'escaped', 'null', 'nested']);
  assert.deepEqual(
    [0, 1, 2, 3, 5].map(cell => rawCell(scanned, cell)),
    ['x', '12', 'true', '\\n', '[1,{"d":"}"}]'],
  );
  assert.deepEqual(valuesOf(scanned), [
    ['x', 12, true],
    ['\n', null, [1, { d: '}' }]],
  ]);
  assert.equal(scanned.table.plain, false);
});

test('keys in any order, with white space anywhere', () => {
  const text = ' { "b" : 2 , "a":1 } \r\n{"a":3,"b":4}\n\t{"b":6,"a":5}\t\n{"b"\t:8,"a":7}\n';
  const scanned = scanJson(text, ['a', 'b']);
  assert.deepEqual(scanned.faults, []);
  assert.deepEqual(valuesOf(scanned), [
    [1, 2],
    [3, 4],
    [5, 6],
    [7, 8],
  ]);
});

test('without columns only records are found, whatever their keys', () => {
  const scanned = scanJson('{"a":1}\n{}\n{"b":{"c":[]}}\n');
  assert.deepEqual(scanned.texts, ['{"a":1}', '{}', '{"b":{"c":[]}}']);
  assert.equal(scanned.table.width, 0);
});

test('a missing key is null', () => {
  const scanned = scanJson('{"b":1}\n{}\n{"a":1}\n', ['a', 'b']);
  assert.deepEqual(kindsOf(scanned), ['null', 'number', 'null', 'null', 'number', 'null']);
});

test('of a key that comes twice the last counts', () => {
  const scanned = scanJson('{"a":1,"a":"x"}\n{"a":1,"b":2,"a":null}\n{"a":1,"\\u0061":3}\n', ['a', 'b']);
  assert.deepEqual(valuesOf(scanned), [
    ['x', null],
    [null, 2],
    [3, null],
  ]);
});

test('a key with escapes matches its column, and a column whose name needs them its key', () => {
  const scanned = scanJson('{"\\u0061":1,"q\\"":2}\n{"q\\u0022":4,"a":3}\n', ['a', 'q"']);
  assert.deepEqual(valuesOf(scanned), [
    [1, 2],
    [3, 4],
  ]);
});

test('keys of any kind: empty, __proto__, one the beginning of the other, not ASCII', () => {
  const names = ['', '__proto__', 'ab', 'abc', 'a', 'é', '\u{1f600}', 'constructor'];
  const record = names.map((name, i) => `${JSON.stringify(name)}:${i}`);
  const text = [record, record.toReversed(), record].map(members => `{${members.join()}}`).join('\n');
  const values = names.map((_, i) => i);
  assert.deepEqual(valuesOf(scanJson(text, names)), [values, values, values]);
});

test('a key that is no column is a fault that names it', () => {
  const scanned = scanJson('{"a":1}\n{"a":1,"b\\"":2}\n{"x":1,}\n{"a":2}\n', ['a']);
  assert.deepEqual(valuesOf(scanned), [[1], [2]]);
  assert.equal(scanned.faults[0], 'unknown_key: the key "b\\"" is not a column');
  assert.match(scanned.faults[1]!, /^invalid_json/, 'invalid JSON weighs more');
  assert.deepEqual(
    scanned.table.malformed.map(m => [m.before, m.start, m.end]),
    [
      [1, 8, 23],
      [1, 24, 32],
    ],
  );
});

test('blank lines are no records', () => {
  const scanned = scanJson('\n{"a":1}\n \t\r\n\r\n{"a":2}\n\n', ['a']);
  assert.deepEqual(valuesOf(scanned), [[1], [2]]);
  assert.equal(scanned.table.blankLines, 4);
  assert.deepEqual(scanned.faults, []);
});

test('arrays and scalars are no objects', () => {
  const scanned = scanJson('[1]\n"x"\n12\ntrue\nnull\n[1\n', ['a']);
  assert.deepEqual(
    scanned.table.malformed.map(m => m.reason),
    ['not_an_object', 'not_an_object', 'not_an_object', 'not_an_object', 'not_an_object', 'invalid_json'],
  );
});

test('invalid JSON says what is wrong and where', () => {
  const faults: [string, string][] = [
    ['{"a":1', 'expected , or } at offset 6, where the line ends'],
    ['{"a":1,}', 'expected a key in double quotes at offset 7'],
    ["{'a':1}", 'expected a key in double quotes at offset 1'],
    ['{a:1}', 'expected a key in double quotes at offset 1'],
    ['{"a" 1}', 'expected : behind a key at offset 5'],
    ['{"a":}', 'expected a value at offset 5'],
    ['{"a":nul}', 'expected a value at offset 5'],
    ['{"a":NaN}', 'expected a value at offset 5'],
    ['{"a":+1}', 'expected a value at offset 5'],
    ['{"a":01}', 'a number with a leading zero at offset 5'],
    ['{"a":-}', 'expected a digit at offset 6'],
    ['{"a":1.}', 'expected a digit at offset 7'],
    ['{"a":1e}', 'expected a digit at offset 7'],
    ['{"a":1 2}', 'expected , or } at offset 7'],
    ['{"a":"x}', 'a string is not closed at offset 8, where the line ends'],
    ['{"a":"x\ty"}', 'a control character in a string at offset 7'],
    ['{"a":"\\x"}', 'an escape that JSON does not have at offset 6'],
    ['{"a":"\\u12g4"}', 'an escape that JSON does not have at offset 6'],
    ['{"a":[1,]}', 'expected a value at offset 8'],
    ['{"a":[1}', 'expected , or ] at offset 7'],
    ['{"a":1}}', 'expected nothing more at offset 7'],
    ['{"a":1} {"a":2}', 'expected nothing more at offset 8'],
    ['{"a":1},', 'expected nothing more at offset 7'],
    ['nothing', 'expected a value at offset 0'],
    ['\ufeff{}', 'expected a value at offset 0'],
  ];
  for (const [line, fault] of faults) {
    for (const columns of [['a'], []]) {
      const scanned = scanJson(`{"a":0}\n${line}\n{"a":2}\n`, columns);
      assert.deepEqual(scanned.faults, [`invalid_json: invalid JSON: ${fault}`], line);
      assert.deepEqual(scanned.texts, ['{"a":0}', '{"a":2}'], line);
      assert.deepEqual(scanned.table.malformed[0]?.end, 8 + Buffer.byteLength(line));
    }
  }
});

test('nesting has a limit', () => {
  const nested = (levels: number) => `{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
  for (const columns of [['a'], []]) {
    // A record that is walked with its own brace counts one level itself.
    const scanned = scanJson(`${nested(DEPTH_LIMIT)}\n${nested(DEPTH_LIMIT + 2)}\n`, columns);
    assert.equal(scanned.texts.length, 1);
    assert.match(scanned.faults[0]!, /^invalid_json: invalid JSON: nested deeper than 1000 levels/);
  }
});

test('a last line without a line feed', () => {
  assert.deepEqual(valuesOf(scanJson('{"a":1}\n{"a":"xyz"}', ['a'])), [[1], ['xyz']]);
  assert.deepEqual(scanJson('{"a":1}\r', ['a']).texts, ['{"a":1}']);
  assert.deepEqual(scanJson('  ', ['a']).table.blankLines, 1);
  const torn = scanJson('{"a":1}\n{"a":2', ['a']);
  assert.deepEqual(torn.texts, ['{"a":1}']);
  assert.deepEqual(torn.faults, [
    'invalid_json: invalid JSON: expected , or } at offset 6, where the line ends',
  ]);
  assert.deepEqual(
    torn.table.malformed.map(m => [m.before, m.start, m.end]),
    [[1, 8, 14]],
  );
  assert.equal(torn.behind, 14);
});

test('a line that is not complete waits for more bytes', () => {
  for (const text of ['{"a":1}\n{"a":2}', '{"a":1}\n{"a":2}\r', '{"a":1}\n{"a', '{"a":1}\n  ', '{"a":1}\n']) {
    const scanned = scanJson(text, ['a'], { last: false });
    assert.deepEqual(scanned.texts, ['{"a":1}'], text);
    assert.deepEqual(scanned.faults, []);
    assert.equal(scanned.behind, 8);
  }
  assert.equal(scanJson('', ['a']).behind, 0);
});

test('line endings belong to no record', () => {
  const scanned = scanJson('{"a":1}\r\n{"a":2}\n{"b":1}\r\n', ['a']);
  assert.deepEqual(scanned.texts, ['{"a":1}', '{"a":2}']);
  assert.equal(scanned.table.malformed[0]?.end, 24);
});

test('a full table takes no more; malformed records count', () => {
  const text = '{"a":1}\nx\n{"a":2}\n{"a":3}';
  const full = scanJson(text, ['a'], { limit: 3 });
  assert.deepEqual(full.texts, ['{"a":1}', '{"a":2}']);
  assert.equal(full.faults.length, 1);
  assert.equal(full.behind, 18);
  assert.equal(scanJson(text, ['a'], { limit: 4 }).behind, text.length);
});

test('no record begins at or behind the byte limit, except the first', () => {
  const text = '{"a":1}\n{"a":2}\n{"a":3}\n';
  assert.equal(scanJson(text, ['a'], { byteLimit: 9 }).behind, 16);
  assert.equal(scanJson(text, ['a'], { byteLimit: 8 }).behind, 8);
  assert.equal(scanJson(text, ['a'], { byteLimit: 0 }).behind, 8);
});

test('bounds move with the bytes, those of missing values too', () => {
  const scanned = scanJson(' {"b":1}\n{"b":2}\n', ['a', 'b']);
  scanned.table.shift(1000);
  scanned.table.shift(-1000);
  assert.deepEqual(kindsOf(scanned), ['null', 'number', 'null', 'number']);
  assert.equal(rawCell(scanned, 1), '1');
});

test('a record too long to keep is passed over piece by piece', () => {
  const scanner = new NdjsonScanner([]);
  const bytes = Buffer.from('{"a":"xxxx\\n"}\n{}\n');
  const state = { value: 0, lines: 0 };
  assert.equal(scanner.skip(bytes, 0, 5, state), -1);
  assert.equal(scanner.skip(bytes, 5, 14, state), -1);
  assert.equal(scanner.skip(bytes, 14, bytes.length, state), 15);
  assert.equal(state.lines, 0);
});
