import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load, loadRecords, missingPostgres, newTable, query } from '../../helpers/postgres.js';

const skip = missingPostgres;

/** Puts each text into a column of a type, and answers what is there: the text, or null where it was refused. */
async function stored(type: string, texts: readonly string[]): Promise<(string | null)[]> {
  const { url, table } = await newTable(`n bigint, v ${type}`);
  const { refused, count } = await load(
    url,
    ['n:integer', 'v'],
    texts.map((text, i) => [String(i), text]),
  );
  assert.equal(count + refused.length, texts.length);
  const rows = await query(`SELECT n, v FROM ${table}`);
  const byNumber = new Map(rows.map(({ n, v }) => [Number(n), v!]));
  return texts.map((_, i) => byNumber.get(i) ?? null);
}

const cases: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  bigint: {
    '0': '0',
    '-7': '-7',
    '9007199254740993': '9007199254740993',
    '9223372036854775807': '9223372036854775807',
    '9223372036854775808': null,
    '007': null,
    '+1': null,
    '-0': null,
    ' 5': null,
    '1.0': null,
    abc: null,
  },
  smallint: { '32767': '32767', '32768': null, '-32768': '-32768' },
  integer: { '2147483647': '2147483647', '2147483648': null, '-2147483649': null },
  numeric: {
    '1.10': '1.10',
    '-1.50': '-1.50',
    '9007199254740993.0000000001': '9007199254740993.0000000001',
    '00501': null,
    '-0': null,
    '-0.0': null,
    '.5': null,
    NaN: 'NaN',
    x: null,
  },
  'numeric(6,2)': {
    '1.1': '1.10',
    '1.100': '1.10',
    '1.005': null,
    '12345.1': null,
    '-3': '-3.00',
    '5e-1': '0.50',
  },
  'double precision': {
    '0.1': '0.1',
    '1.10': '1.1',
    '-0': '-0',
    '9007199254740993': null,
    '1e400': null,
    '1e300': '1e+300',
    Infinity: 'Infinity',
    '0.1234567890123456789': null,
  },
  real: { '0.1': '0.1', '16777216': '1.6777216e+07', '16777217': null, '1e39': null, '123456.7': '123456.7' },
  date: {
    '2024-02-29': '2024-02-29',
    '2023-02-29': null,
    '2024-01-01 10:00': null,
    '2024-01-01T10:00': null,
    infinity: 'infinity',
    today: null,
  },
  timestamp: {
    '2024-02-29 10:00': '2024-02-29 10:00:00',
    '2024-02-29T10:00:00.123456': '2024-02-29 10:00:00.123456',
    '2024-02-29 10:00:00.1234567': null,
    '2024-02-29 10:00:00.1234560': '2024-02-29 10:00:00.123456',
    '2024-02-29 10:00+02': null,
    '2024-02-29 10:00Z': null,
    '2024-02-29 10:00 PST': null,
    '2024-02-30 10:00': null,
    '2024-02-29 23:59:60': null,
    '2024-02-29 24:00': null,
    '2024-02-29 10:00 PM': '2024-02-29 22:00:00',
    '2001/01/10 14:15': '2001-01-10 14:15:00',
    infinity: 'infinity',
    now: null,
  },
  'timestamp(0)': { '2024-02-29 10:00:00': '2024-02-29 10:00:00', '2024-02-29 10:00:00.5': null },
  timestamptz: {
    '2024-02-29 10:00+02': '2024-02-29 08:00:00+00',
    '2024-02-29 10:00': '2024-02-29 10:00:00+00',
    '2024-02-29 10:00:00.1234567Z': null,
  },
  time: { '10:00:00.123456': '10:00:00.123456', '10:00:00.1234567': null, '10:00+02': null },
  'varchar(3)': { abc: 'abc', abcd: null, 'abc ': null, äöü: 'äöü', '👍👍👍': '👍👍👍' },
  boolean: { true: 't', false: 'f', perhaps: null },
  uuid: { 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11': 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', x: null },
  jsonb: { '{"a": 1.10}': '{"a": 1.10}', '{': null },
  bytea: { '\\x00ff': '\\x00ff' },
  text: {
    '00501': '00501',
    '\\.': '\\.',
    '\u{1f600}': '\u{1f600}',
    "'; DROP TABLE t": "'; DROP TABLE t",
    '\\N': '\\N',
  },
};

for (const [type, texts] of Object.entries(cases)) {
  test(`${type}: what is stored is what was read, or the record is refused`, { skip }, async () => {
    const found = await stored(type, Object.keys(texts));
    assert.deepEqual(Object.fromEntries(Object.keys(texts).map((text, i) => [text, found[i]])), texts);
  });
}

for (const [type, texts] of Object.entries(cases)) {
  test(`${type}: the same for records that are values, and for each in a batch of its own`, {
    skip,
  }, async () => {
    const { url, table } = await newTable(`n bigint, v ${type}`);
    const found: Record<string, string | null> = {};
    for (const [n, text] of Object.keys(texts).entries()) {
      const objects = [{ n, v: text }, { n: n + 1000 }];
      await loadRecords(url, ['n:integer', 'v'], { form: 'objects', count: 2, objects });
      await load(url, ['n:integer', 'v'], [[String(n + 2000), text]]);
      const rows = await query(`SELECT v FROM ${table} WHERE n IN (${n}, ${n + 2000})`);
      const nothing = await query(`SELECT v FROM ${table} WHERE n = ${n + 1000}`);
      assert.deepEqual(nothing, [{ v: null }]);
      const values = rows.map(({ v }) => v!);
      assert.equal(values[0], values[1]);
      assert.notEqual(values.length, 1, text);
      found[text] = values[0] ?? null;
    }
    assert.deepEqual(found, texts);
  });
}

test('texts that mean something to COPY, as values', { skip }, async () => {
  const texts = ['a\tb', 'c\nd', 'e\rf', '\\', '\\N', '\\.', 'ä😀', '', '"', ',', "it's", ' '];
  const { url, table } = await newTable('n bigint, v text');
  const objects = texts.map((v, n) => ({ v, n }));
  const { count } = await loadRecords(url, ['n', 'v'], { form: 'objects', count: texts.length, objects });
  assert.equal(count, texts.length);
  const rows = await query(`SELECT v FROM ${table} ORDER BY n`);
  assert.deepEqual(
    rows.map(({ v }) => v),
    texts,
  );
});

test('a record of values that has what no column is called, a NUL or half a character is refused alone', {
  skip,
}, async () => {
  const { url, table } = await newTable('n bigint, v text');
  const objects = [
    { n: 1, v: 'a' },
    { n: 2, w: 'b' },
    { n: 3, v: 'c\0' },
    { n: 4, v: '\ud83d' },
    { n: 5, v: 'e' },
  ];
  const { refused } = await loadRecords(url, ['n', 'v'], { form: 'objects', count: objects.length, objects });
  assert.deepEqual(
    refused.map(({ index }) => index),
    [1, 2, 3],
  );
  assert.equal((await query(`SELECT 1 FROM ${table}`)).length, 2);
});

test('a domain is looked at like the type it rests on', { skip }, async () => {
  const { url, table, schema } = await newTable('n bigint');
  await query(`CREATE DOMAIN ${schema}.price AS numeric(6,2) CHECK (value > 0)`);
  await query(`CREATE DOMAIN ${schema}.net AS ${schema}.price`);
  await query(`ALTER TABLE ${table} ADD v ${schema}.net`);
  const { refused } = await load(
    url,
    ['n', 'v'],
    [
      ['1', '1.5'],
      ['2', '1.005'],
      ['3', '-1'],
    ],
  );
  assert.deepEqual(
    refused.map(({ index, reason }) => [index, reason]),
    [
      [1, 'type'],
      [2, 'constraint'],
    ],
  );
});

test('empty, quoted empty and null', { skip }, async () => {
  const { url, table } = await newTable('n bigint, v text');
  const { refused } = await load(
    url,
    ['n', 'v'],
    [
      ['1', null],
      ['2', { quoted: '' }],
      ['3', 'NULL'],
    ],
  );
  assert.deepEqual(refused, []);
  assert.deepEqual(await query(`SELECT n, v FROM ${table} ORDER BY n`), [
    { n: '1', v: null },
    { n: '2', v: '' },
    { n: '3', v: 'NULL' },
  ]);
});

test('a table of one column, whose values would end a COPY', { skip }, async () => {
  const { url, table } = await newTable('v text');
  const texts = ['\\.', '', null, '\\N', 'a,b', 'say "x"', '\n', '\\.\n\\.', 'é'];
  const { refused } = await load(
    url,
    ['v'],
    texts.map(text => [text]),
  );
  assert.deepEqual(refused, []);
  assert.deepEqual(
    (await query(`SELECT v FROM ${table} ORDER BY ctid`)).map(({ v }) => v),
    texts,
  );
});

test('bytes of a driver go into bytea, and text does not', { skip }, async () => {
  const { url, table } = await newTable('n bigint, v bytea');
  const rows = [
    [1n, Buffer.from([0, 255])],
    [2, null],
  ];
  await loadRecords(url, ['n', 'v:binary'], { form: 'rows', count: 2, rows });
  assert.deepEqual(await query(`SELECT n, v FROM ${table} ORDER BY n`), [
    { n: '1', v: '\\x00ff' },
    { n: '2', v: null },
  ]);
});

test('a NUL is refused by the record that has it', { skip }, async () => {
  const { url } = await newTable('n bigint, v text');
  const { refused, count } = await load(
    url,
    ['n', 'v'],
    [
      ['1', 'a'],
      ['2', 'b\0c'],
      ['3', 'd'],
    ],
  );
  assert.deepEqual([refused.map(({ index }) => index), count], [[1], 2]);
});

test('a missing table is created with columns that hold what the types say', { skip }, async () => {
  const { url, schema } = await newTable();
  const types = [
    'integer',
    'real',
    'real!',
    'decimal',
    'boolean',
    'date',
    'timestamp',
    'timestamptz',
    'json',
    'binary',
    'text',
  ];
  const columns = types.map((type, i) => `c${i}:${type}`);
  await loadRecords(url, columns, { form: 'rows', count: 0, rows: [] });
  const found = await query(
    `SELECT data_type FROM information_schema.columns WHERE table_schema = $1 AND table_name = 't' ORDER BY ordinal_position`,
    [schema],
  );
  assert.deepEqual(
    found.map(({ data_type }) => data_type),
    [
      'bigint',
      'numeric',
      'double precision',
      'numeric',
      'boolean',
      'date',
      'timestamp without time zone',
      'timestamp with time zone',
      'json',
      'bytea',
      'text',
    ],
  );
});

test('types that were declared are asked for before the table is', { skip }, async () => {
  const { url } = await newTable('v text');
  const { refused } = await load(url, ['v:integer!'], [['1'], ['x'], ['2']]);
  assert.deepEqual(
    refused.map(({ index, reason }) => [index, reason]),
    [[1, 'type']],
  );
});
