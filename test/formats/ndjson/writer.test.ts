import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnType, OutputColumn } from '#tranche/core/columns.js';
import type { RecordObject, Records, Value } from '#tranche/core/records.js';
import type { EncodeRefusal } from '#tranche/formats/encoder.js';
import { NdjsonEncoder } from '#tranche/formats/ndjson/writer.js';
import { type CsvCell, csvRecords } from '../../helpers/csv-records.js';
import { GrowingBuffer } from '../../helpers/growing-buffer.js';
import { scanJson } from '../../helpers/scan-json.js';

function column(name: string, type: ColumnType = 'text', from = 0, declared = false): OutputColumn {
  return { name, type, declared, from };
}

function encode(
  records: Records,
  columns: readonly OutputColumn[],
): { text: string; refusals: readonly EncodeRefusal[] } {
  const into = new GrowingBuffer();
  const refusals = new NdjsonEncoder(columns).encode(records, into);
  return { text: into.text(), refusals };
}

/** The line of a record of CSV with one column. */
function line(cell: CsvCell, type: ColumnType): string {
  const { text, refusals } = encode(csvRecords([[cell]]), [column('a', type)]);
  assert.deepEqual(refusals, []);
  return text;
}

function objects(...values: RecordObject[]): Records {
  return { form: 'objects', count: values.length, objects: values };
}

test('a file begins with nothing', () => {
  assert.equal(new NdjsonEncoder([column('a')]).header().length, 0);
});

test('CSV: numbers as they were read, text in quotes, nothing as null', () => {
  const columns = [
    column('id', 'integer', 0),
    column('name', 'text', 1),
    column('price', 'decimal', 2),
    column('ok', 'boolean', 3),
  ];
  const records = csvRecords([
    ['1', 'Ada', '1.10', 'true'],
    ['-9223372036854775808', { quoted: 'say ""hi""' }, '1e400', 'false'],
    [null, null, null, null],
    [{ quoted: '7' }, '', '-0', { quoted: 'true' }],
  ]);
  assert.equal(
    encode(records, columns).text,
    [
      '{"id":1,"name":"Ada","price":1.10,"ok":true}',
      '{"id":-9223372036854775808,"name":"say \\"hi\\"","price":1e400,"ok":false}',
      '{"id":null,"name":null,"price":null,"ok":null}',
      '{"id":7,"name":"","price":-0,"ok":true}',
      '',
    ].join('\n'),
  );
});

test('CSV: what does not fit an inferred type is a string', () => {
  const misfits: [string, ColumnType][] = [
    ['1.5', 'integer'],
    ['00501', 'integer'],
    ['-0', 'integer'],
    ['-', 'integer'],
    ['12x', 'integer'],
    ['', 'integer'],
    ['9223372036854775808', 'integer'],
    ['1.10', 'real'],
    ['1e400', 'real'],
    ['01', 'decimal'],
    ['yes', 'boolean'],
    ['2024-02-30', 'date'],
    ['x', 'timestamp'],
    ['[1', 'json'],
  ];
  for (const [text, type] of misfits) {
    assert.equal(line(text, type), `{"a":"${text}"}\n`);
    assert.equal(line({ quoted: text }, type), `{"a":"${text}"}\n`);
  }
  assert.equal(line({ quoted: '""5' }, 'integer'), '{"a":"\\"5"}\n');
});

test('CSV: what fits every type', () => {
  assert.equal(line('0.5', 'real'), '{"a":0.5}\n');
  assert.equal(line('5', 'real'), '{"a":5}\n');
  assert.equal(line('999999999999999999', 'integer'), '{"a":999999999999999999}\n');
  assert.equal(line('2024-02-29', 'date'), '{"a":"2024-02-29"}\n');
  assert.equal(line('2024-02-29T10:00', 'timestamp'), '{"a":"2024-02-29T10:00"}\n');
  assert.equal(line({ quoted: '{""b"":\n[1.10]}' }, 'json'), '{"a":{"b": [1.10]}}\n');
  assert.equal(line('5', 'text'), '{"a":"5"}\n');
});

test('CSV: what does not fit a declared type is refused, and nothing of the record is written', () => {
  for (const type of ['integer', 'real', 'decimal', 'boolean', 'date', 'timestamp', 'json'] as const) {
    const records = csvRecords([
      ['before', 'x'],
      ['kept', null],
      ['quoted', { quoted: '""' }],
    ]);
    const { text, refusals } = encode(records, [column('name', 'text', 0), column('v', type, 1, true)]);
    assert.equal(text, '{"name":"kept","v":null}\n', type);
    assert.deepEqual(
      refusals.map(({ index, reason }) => [index, reason]),
      [
        [0, 'type'],
        [2, 'type'],
      ],
    );
    assert.equal(refusals[0]?.message, `column "v" is declared ${type}, which "x" is not`);
  }
  const fitting = encode(csvRecords([['2024-02-29', '5']]), [
    column('d', 'date', 0, true),
    column('t', 'text', 1, true),
  ]);
  assert.deepEqual(fitting, { text: '{"d":"2024-02-29","t":"5"}\n', refusals: [] });
});

test('CSV: everything that JSON escapes, at every place of a word', () => {
  const controls = Array.from({ length: 0x20 }, (_, code) => String.fromCharCode(code));
  for (const special of [...controls, '"', '\\', '\x7f', 'é', '\u{1f600}', '\u2028']) {
    for (let before = 0; before < 9; before++) {
      const text = `${'abcdefghi'.slice(0, before)}${special}jk${special}`;
      const written = line({ quoted: text.replaceAll('"', '""') }, 'text');
      assert.equal(written, `${JSON.stringify({ a: text })}\n`);
    }
  }
});

test('CSV: columns chosen, renamed, twice', () => {
  const columns = [column('z', 'text', 2), column('"', 'integer', 0), column('again', 'text', 2)];
  const records = csvRecords([['1', 'skipped', '\u0001'.repeat(50)]]);
  const escaped = '\\u0001'.repeat(50);
  assert.equal(encode(records, columns).text, `{"z":"${escaped}","\\"":1,"again":"${escaped}"}\n`);
  assert.equal(encode(records, []).text, '{}\n');
});

test('NDJSON: whole records as they are, in one piece or several', () => {
  const text = '{"a":1.10}\n{"__proto__":1e400, "b":"\\u0041","b":-0}\r\n\n{"big":9007199254740993}\n{}';
  const lines = text.split(/\s*\n+/).map(record => `${record}\n`);
  assert.equal(encode(scanJson(text).records, []).text, lines.join(''));
});

test('NDJSON: chosen columns with the bytes of their cells', () => {
  const text = '{"a":1.10,"b":"\\u0041\\"","c":[1, {"x":null}]}\n{"c":"é","a":1e400}\n{"b":null}\n';
  const { records } = scanJson(text, ['a', 'b', 'c']);
  const columns = [column('see', 'json', 2), column('b', 'text', 1), column('a', 'integer', 0)];
  assert.equal(
    encode(records, columns).text,
    [
      '{"see":[1, {"x":null}],"b":"\\u0041\\"","a":1.10}',
      '{"see":"é","b":null,"a":1e400}',
      '{"see":null,"b":null,"a":null}',
      '',
    ].join('\n'),
  );
});

test('NDJSON: a declared type is enforced', () => {
  const enforced = (json: string, type: ColumnType) => {
    const { text, refusals } = encode(scanJson(`{"a":${json}}`, ['a']).records, [column('a', type, 0, true)]);
    assert.equal(refusals.length, text === '' ? 1 : 0);
    return text === '' ? 'refused' : text.slice(5, -2);
  };
  assert.equal(enforced('5', 'integer'), '5');
  assert.equal(enforced('"5"', 'integer'), '5');
  assert.equal(enforced('5.5', 'integer'), 'refused');
  assert.equal(enforced('"x"', 'decimal'), 'refused');
  assert.equal(enforced('"\\u0035"', 'integer'), 'refused');
  assert.equal(enforced('null', 'integer'), 'null');
  assert.equal(enforced('"true"', 'boolean'), 'true');
  assert.equal(enforced('1', 'boolean'), 'refused');
  assert.equal(enforced('1.10', 'text'), '"1.10"');
  assert.equal(enforced('{"b":"c"}', 'text'), '"{\\"b\\":\\"c\\"}"');
  assert.equal(enforced('"\\n"', 'text'), '"\\n"');
  assert.equal(enforced('"2024-01-01"', 'date'), '"2024-01-01"');
  assert.equal(enforced('"2024-01-99"', 'date'), 'refused');
  assert.equal(enforced('[1]', 'json'), '[1]');
  assert.equal(enforced('"[\\"x\\"]"', 'json'), '["x"]');
  assert.equal(enforced('1', 'json'), 'refused');
});

test('objects: every kind of value', () => {
  const object = {
    text: 'x"\u0001é\u{1f600}',
    long: 'y'.repeat(1000),
    lone: '\ud800',
    numbers: [0, -0, 1.5, 1e21, 2 ** 53, 12345678901234567890n],
    date: new Date(0),
    bytes: Uint8Array.of(1, 2, 255),
    buffer: Buffer.from('hi'),
    nested: { a: [undefined, null, { b: true }], gone: undefined },
    custom: { toJSON: () => 'custom' },
    holes: new Array<number>(2),
    nothing: undefined,
    null: null,
    true: true,
    big: -9007199254740993n,
  };
  const { text, refusals } = encode(objects(object), []);
  assert.deepEqual(refusals, []);
  assert.equal(
    text,
    `{"text":"x\\"\\u0001é\u{1f600}","long":"${'y'.repeat(1000)}","lone":"\\ud800","numbers":[0,-0,1.5,1e+21,9007199254740992,12345678901234567890],` +
      '"date":"1970-01-01T00:00:00.000Z","bytes":"AQL/","buffer":"aGk=","nested":{"a":[null,null,{"b":true}]},"custom":"custom","holes":[null,null],' +
      '"nothing":null,"null":null,"true":true,"big":-9007199254740993}\n',
  );
});

test('objects: numbers of every size', () => {
  const numbers = [
    0,
    -0,
    7,
    -7,
    10,
    99,
    100,
    2147483647,
    -2147483648,
    2147483648,
    -2147483649,
    0.1,
    1e-7,
    5e-324,
    Number.MAX_VALUE,
  ];
  const { text } = encode(objects(...numbers.map(n => ({ n }))), []);
  assert.deepEqual(
    text.trimEnd().split('\n'),
    numbers.map(n => `{"n":${Object.is(n, -0) ? '-0' : n}}`),
  );
});

test('objects: each with its own keys, in their order', () => {
  const odd = JSON.parse('{"__proto__":1,"b":2}') as RecordObject;
  const inherited = Object.assign(Object.create({ inherited: 1 }) as RecordObject, { own: 1 });
  const { text } = encode(
    objects({ b: 1, a: 2 }, { a: 1 }, {}, { a: 1, b: 2 }, odd, inherited, { 'k"é': 1 }),
    [column('a')],
  );
  assert.equal(
    text,
    '{"b":1,"a":2}\n{"a":1}\n{}\n{"a":1,"b":2}\n{"__proto__":1,"b":2}\n{"own":1}\n{"k\\"é":1}\n',
  );
});

test('objects: more keys than are remembered', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => ({ [`key ${i}`]: i, same: 1 }));
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`key ${i}`, i]));
  const { text } = encode(objects(...many, wide), []);
  assert.equal(text, [...many, wide].map(object => `${JSON.stringify(object)}\n`).join(''));
});

test('objects: the digits of a decimal column are written as a number', () => {
  const columns = [column('price', 'decimal'), column('name', 'text')];
  const { text } = encode(
    objects({ price: '1.10', name: '1.10' }, { price: '1e400' }, { price: '01' }, { price: 'x' }),
    columns,
  );
  assert.equal(text, '{"price":1.10,"name":"1.10"}\n{"price":1e400}\n{"price":"01"}\n{"price":"x"}\n');
});

test('objects: what JSON has no form for is refused, and nothing of the record is written', () => {
  const loop: RecordObject = {};
  loop['self'] = loop;
  const values = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    new Date(Number.NaN),
    () => 1,
    Symbol('s'),
    loop,
    { deep: [Number.NaN] },
  ];
  const { text, refusals } = encode(
    objects({ a: 1 }, ...values.map(value => ({ a: 1, value })), { a: 2 }),
    [],
  );
  assert.equal(text, '{"a":1}\n{"a":2}\n');
  assert.deepEqual(
    refusals.map(({ index, reason }) => [index, reason]),
    values.map((_, i) => [i + 1, 'type']),
  );
  assert.equal(refusals[0]?.message, 'key "value": JSON has no form for NaN');
});

test('rows: by column', () => {
  const rows: Value[][] = [
    [1, 'x', null],
    [2n, new Date(0), '1.10'],
    [Number.NaN, 'refused', null],
    [3, Uint8Array.of(0), undefined as unknown as null],
  ];
  const columns = [column('c', 'decimal', 2), column('a', 'integer', 0), column('b', 'text', 1)];
  const { text, refusals } = encode({ form: 'rows', count: rows.length, rows }, columns);
  assert.equal(
    text,
    '{"c":null,"a":1,"b":"x"}\n{"c":1.10,"a":2,"b":"1970-01-01T00:00:00.000Z"}\n{"c":null,"a":3,"b":"AA=="}\n',
  );
  assert.deepEqual(
    refusals.map(({ index }) => index),
    [2],
  );
});

test('every batch is put behind the one before', () => {
  const into = new GrowingBuffer();
  const encoder = new NdjsonEncoder([column('a', 'integer')]);
  encoder.encode(csvRecords([['1'], ['2']]), into);
  encoder.encode(objects({ a: 3 }), into);
  encoder.encode(scanJson('{"a":4}').records, into);
  assert.equal(into.text(), '{"a":1}\n{"a":2}\n{"a":3}\n{"a":4}\n');
});
