import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { scanJson } from '../../helpers/scan-json.js';
import { execute, load, loadRecords, newDatabase, query } from '../../helpers/sqlite-table.js';
import { columnsOf, objectRecords } from '../../helpers/target-calls.js';

const values = 'SELECT v, typeof(v) FROM t ORDER BY rowid';

/** What a new table holds after texts were put into a column of this type. */
async function stored(type: string, texts: readonly (string | null)[]): Promise<unknown[][]> {
  const path = await newDatabase();
  const written = await load(
    path,
    [`v:${type}`],
    texts.map(text => [text]),
  );
  assert.deepEqual(written.refused, []);
  return await query(path, values);
}

test('a new table keeps inferred integers as integers, and anything else as the text it was', async () => {
  assert.deepEqual(
    await stored('integer', [
      '0',
      '-7',
      '999999999999999',
      '9007199254740993',
      '-9223372036854775808',
      '9223372036854775807',
      '9223372036854775808',
      '00501',
      '-0',
      '+5',
      '1.0',
      '1e3',
      '',
      ' 5',
      'x',
      '-',
      null,
    ]),
    [
      [0n, 'integer'],
      [-7n, 'integer'],
      [999999999999999n, 'integer'],
      [9007199254740993n, 'integer'],
      [-9223372036854775808n, 'integer'],
      [9223372036854775807n, 'integer'],
      ['9223372036854775808', 'text'],
      ['00501', 'text'],
      ['-0', 'text'],
      ['+5', 'text'],
      ['1.0', 'text'],
      ['1e3', 'text'],
      ['', 'text'],
      [' 5', 'text'],
      ['x', 'text'],
      ['-', 'text'],
      [null, 'null'],
    ],
  );
});

test('a new table keeps inferred reals as doubles or integers, and what a double would change as text', async () => {
  assert.deepEqual(
    await stored('real', ['0.5', '-2.25', '1', '1.10', '1e400', '9007199254740993', '0.1', '-0.0', 'x']),
    [
      [0.5, 'real'],
      [-2.25, 'real'],
      [1n, 'integer'],
      ['1.10', 'text'],
      ['1e400', 'text'],
      [9007199254740993n, 'integer'],
      [0.1, 'real'],
      ['-0.0', 'text'],
      ['x', 'text'],
    ],
  );
});

test('everything else is text in a new table', async () => {
  for (const type of ['decimal', 'boolean', 'date', 'timestamp', 'json', 'text']) {
    const texts = ['1.10', 'true', '2024-02-30', '', '007', '5', '{"a": 1}', 'naïve 🙂', 'x'.repeat(10_000)];
    assert.deepEqual(
      await stored(type, texts),
      texts.map(text => [text, 'text']),
      type,
    );
  }
});

test('the same values come out whatever the statement they go with', async () => {
  // 50 rows a statement: whole statements of integers, one with a text in it, and single rows at the end.
  const texts = Array.from({ length: 173 }, (_, i) => (i === 60 || i === 172 ? '007' : String(i)));
  const rows = await stored('integer', texts);
  assert.deepEqual(
    rows.map(([value]) => String(value)),
    texts,
  );
  assert.deepEqual(
    rows.filter(([, type]) => type !== 'integer').map(([value]) => value),
    ['007', '007'],
  );
});

test('quotes: the empty string is not NULL, digits in quotes are digits, doubled quotes are one', async () => {
  const path = await newDatabase();
  await load(
    path,
    ['v:integer', 'w'],
    [
      [{ quoted: '' }, { quoted: '' }],
      [null, null],
      [{ quoted: '5' }, { quoted: 'say ""hi""' }],
      [{ quoted: '1""' }, { quoted: 'a,b\nc' }],
    ],
  );
  assert.deepEqual(await query(path, 'SELECT v, w FROM t'), [
    ['', ''],
    [null, null],
    [5n, 'say "hi"'],
    ['1"', 'a,b\nc'],
  ]);
});

test('declared types refuse what does not fit them', async () => {
  const path = await newDatabase();
  const columns = ['i:integer!', 'r:real!', 'd:date!'];
  const written = await load(path, columns, [
    ['1', '0.5', '2024-02-29'],
    ['01', '0.5', '2024-02-29'],
    ['2', '1.10', '2024-02-29'],
    ['3', '0.5', '2024-02-30'],
    [{ quoted: '""' }, '0.5', '2024-02-29'],
    [null, null, null],
  ]);
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [1, 2, 3, 4].map(index => [index, 'type']),
  );
  assert.match(written.refused[0]!.message, /column i: "01" is not of type integer/);
  assert.equal(written.count, 2);
  assert.deepEqual(await query(path, 'SELECT * FROM t'), [
    [1n, 0.5, '2024-02-29'],
    [null, null, null],
  ]);
  assert.deepEqual(await query(path, "SELECT name, type FROM pragma_table_info('t')"), [
    ['i', 'INTEGER'],
    ['r', 'REAL'],
    ['d', 'TEXT'],
  ]);
});

/** What a table with one column of type `declared` does to texts: what it holds, or the message with which it refuses. */
async function intoExisting(declared: string, type: string, texts: readonly string[]): Promise<unknown[]> {
  const path = await newDatabase(`CREATE TABLE t (v ${declared})`);
  const written = await load(
    path,
    [`v:${type}`],
    texts.map(text => [text]),
  );
  const held = (await query(path, 'SELECT v FROM t ORDER BY rowid')).map(([value]) => value);
  const refused = new Map(
    written.refused.map(({ index, reason, message }) => [index, `${reason}: ${message}`]),
  );
  return texts.map((_, index) => refused.get(index) ?? held.shift());
}

test('a TEXT column holds what was read', async () => {
  const texts = ['1', '01', '1.10', '-0', ''];
  for (const type of ['integer', 'real', 'text']) {
    assert.deepEqual(await intoExisting('VARCHAR(5)', type, texts), texts, type);
  }
});

test('a column of numbers takes numbers of the same value, and refuses what it would change', async () => {
  const tail = 'a column of type TEXT keeps it';
  const refusal = (text: string, value: string) =>
    `type: column v: "${text}" would be stored as ${value}; ${tail}`;
  for (const type of ['integer', 'real', 'decimal', 'text']) {
    assert.deepEqual(
      await intoExisting('INTEGER', type, [
        '5',
        '1.10',
        '00501',
        '1e400',
        '9007199254740993',
        '99999999999999999999',
        'x',
        ' 5',
        '-0',
        '',
      ]),
      [
        5n,
        1.1,
        refusal('00501', '501'),
        refusal('1e400', 'Infinity'),
        9007199254740993n,
        refusal('99999999999999999999', '100000000000000000000'),
        'x',
        refusal(' 5', '5'),
        refusal('-0', '0'),
        '',
      ],
      type,
    );
    assert.deepEqual(
      await intoExisting('DOUBLE PRECISION', type, [
        '5',
        '1.10',
        '0.30000000000000004',
        '0.300000000000000001',
        '9007199254740993',
        '2e3',
        '.5',
      ]),
      [
        5,
        1.1,
        0.30000000000000004,
        refusal('0.300000000000000001', '0.3'),
        refusal('9007199254740993', '9007199254740992'),
        2000,
        refusal('.5', '0.5'),
      ],
      type,
    );
  }
});

test('a column without a type is like one of a new table', async () => {
  assert.deepEqual(await intoExisting('', 'integer', ['1', '01']), [1n, '01']);
  assert.deepEqual(await intoExisting('BLOB', 'text', ['1', '01']), ['1', '01']);
});

test('a strict table refuses by itself', async () => {
  const path = await newDatabase('CREATE TABLE t (i INTEGER, a ANY, b BLOB) STRICT');
  const written = await load(
    path,
    ['i:integer', 'a:integer', 'b'],
    [
      ['1', '01', null],
      ['x', '2', null],
      ['3', '3', 'text'],
      ['4', '4', null],
    ],
  );
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [
      [1, 'type'],
      [2, 'type'],
    ],
  );
  assert.match(written.refused[0]!.message, /TEXT value in INTEGER column/);
  assert.deepEqual(await query(path, 'SELECT * FROM t'), [
    [1n, '01', null],
    [4n, 4n, null],
  ]);
});

test('JSON: numbers are numbers, strings are texts, nesting is its JSON', async () => {
  const lines = [
    '{"n": 1, "s": "5", "j": {"a": [1, 2.0]}}',
    '{"n": "1", "s": "\\u00e9\\n", "j": true}',
    '{"n": 1e400, "s": null, "j": 1.50}',
    '{"n": 12345678901234567890, "s": 7}',
    '{"n": 2, "s": "\\ud800"}',
  ];
  const { records } = scanJson(lines.join('\n'), ['n', 's', 'j']);
  const path = await newDatabase();
  const written = await loadRecords(path, columnsOf('n:integer', 's', 'j:json'), records);
  assert.deepEqual(await query(path, 'SELECT * FROM t'), [
    [1n, '5', '{"a": [1, 2.0]}'],
    ['1', 'é\n', 'true'],
    ['1e400', null, '1.50'],
    ['12345678901234567890', '7', null],
  ]);
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [[4, 'type']],
  );
});

test('values that a transform made', async () => {
  const path = await newDatabase('CREATE TABLE t (free, text TEXT, number INTEGER, real REAL)');
  const columns = columnsOf('free:integer', 'text', 'number:integer', 'real:real');
  const one = (value: unknown) => ({ free: value, text: value, number: value, real: value });
  const written = await loadRecords(
    path,
    columns,
    objectRecords(
      one(5),
      one(0.5),
      one(2 ** 52),
      one(1e300),
      one(null),
      {},
      one(true),
      one('x'),
      one(2n ** 53n),
      one(new Date(0)),
      one({ a: [1n] }),
      one(Buffer.from('ab')),
      { free: 2n ** 70n, text: 2n ** 70n },
    ),
  );
  assert.deepEqual(written.refused, []);
  const iso = '1970-01-01T00:00:00.000Z';
  const all = (value: unknown) => [value, value, value, value];
  assert.deepEqual(await query(path, 'SELECT * FROM t ORDER BY rowid'), [
    [5n, '5', 5n, 5],
    [0.5, '0.5', 0.5, 0.5],
    [4503599627370496n, '4503599627370496', 4503599627370496n, 4503599627370496],
    [1e300, '1e+300', 1e300, 1e300],
    all(null),
    all(null),
    all('true'),
    all('x'),
    [9007199254740992n, '9007199254740992', 9007199254740992n, 9007199254740992],
    all(iso),
    all('{"a":[1]}'),
    all(Buffer.from('ab')),
    ['1180591620717411303424', '1180591620717411303424', null, null],
  ]);
});

test('values that no column can hold, and keys that the table does not have, are refused', async () => {
  const path = await newDatabase();
  const records = objectRecords(
    { a: 1, other: 2 },
    { a: Number.NaN },
    { a: Symbol('no') },
    { a: new Date(Number.NaN) },
    { a: '\ud800' },
    { a: 1 },
    Object.fromEntries([['__proto__', 1]]),
  );
  const written = await loadRecords(path, columnsOf('a:integer'), records);
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [
      [0, 'unknown_key'],
      [1, 'type'],
      [2, 'type'],
      [3, 'type'],
      [4, 'type'],
      [6, 'unknown_key'],
    ],
  );
  assert.match(written.refused[0]!.message, /other/);
  assert.deepEqual(await query(path, 'SELECT a, typeof(a) FROM t'), [[1n, 'integer']]);
});

test('a key __proto__ is a column like any other', async () => {
  const path = await newDatabase();
  const records = objectRecords(Object.fromEntries([['__proto__', 'x']]));
  await loadRecords(path, columnsOf('__proto__'), records);
  assert.deepEqual(await query(path, 'SELECT "__proto__" FROM t'), [['x']]);
});

test('rows of a driver go by the place of their column', async () => {
  const path = await newDatabase();
  const [a, b] = columnsOf('a', 'b:integer');
  await loadRecords(path, [b!, a!], {
    form: 'rows',
    count: 2,
    rows: [
      ['x', 1n],
      ['y', null],
    ],
  });
  assert.deepEqual(await query(path, 'SELECT b, a FROM t'), [
    [1n, 'x'],
    [null, 'y'],
  ]);
});

test('any texts, in any column of a new table, come out as they were', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }).map(cell => cell.replaceAll('"', "'").replaceAll('\0', '')),
    fc.integer().map(String),
    fc.double().map(String),
    fc.bigInt().map(String),
    fc.stringMatching(/^[-+ ]?0?\d{0,20}\.?\d{0,3}(e[-+]?\d)?$/),
  );
  const path = await newDatabase();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('integer', 'real', 'text', 'decimal'),
      fc.array(text, { minLength: 1, maxLength: 120 }),
      async (type, texts) => {
        await execute(path, 'DROP TABLE IF EXISTS t');
        await load(
          path,
          [`v:${type}`],
          texts.map(cell => [{ quoted: cell }]),
        );
        const held = await query(path, values);
        assert.deepEqual(
          held.map(([value]) => String(value)),
          texts,
        );
      },
    ),
    { numRuns: 60 },
  );
});
