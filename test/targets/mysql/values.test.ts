import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CsvCell } from '../../helpers/csv-records.js';
import { TestDatabase, withoutMysql } from '../../helpers/mysql.js';
import { columnsOf, objectRecords } from '../../helpers/target-calls.js';

const options = { skip: withoutMysql };
const database = await TestDatabase.make();

/** Puts single values into a column of a type; answers what is in it, and which were refused. */
async function into(
  type: string,
  values: readonly CsvCell[],
  column = 'v',
  read = 'v',
): Promise<{ readonly kept: unknown[]; readonly refused: unknown[] }> {
  await database.run('DROP TABLE IF EXISTS t', `CREATE TABLE t (n BIGINT, v ${type})`);
  const rows = values.map((value, n) => [String(n), value]);
  const written = await database.load(['n:integer', column], rows);
  const kept = await database.rows(`SELECT ${read} FROM t ORDER BY n`);
  assert.equal(written.count, kept.length);
  const refused = written.refused.map(({ index }) => values[index]);
  return { kept: kept.map(([value]) => value), refused };
}

test('text arrives as it is', options, async () => {
  const texts = [
    '',
    "it's",
    'a\tb',
    '\\N',
    '\\',
    "\\'",
    'a\nb\rc',
    '\0',
    'NULL',
    '🙂',
    'שלום',
    ' padded ',
    '"',
    '?',
    '\x1a',
  ];
  for (const type of ['LONGTEXT', 'VARCHAR(20)']) {
    const { kept, refused } = await into(
      type,
      texts.map(quoted => ({ quoted: quoted.replaceAll('"', '""') })),
    );
    assert.deepEqual([kept, refused], [texts, []], type);
  }
});

test('no value is not an empty one', options, async () => {
  const { kept } = await into('LONGTEXT', [null, { quoted: '' }, 'x']);
  assert.deepEqual(kept, [null, '', 'x']);
});

test('integers keep every digit, and what is no canonical integer is refused', options, async () => {
  const good = ['0', '-1', '9007199254740993', '9223372036854775807', '-9223372036854775808'];
  const bad = ['00501', '+5', '5.0', '5.4', '1e3', '-0', ' 5', '', 'x', '9223372036854775808', 'true'];
  const { kept, refused } = await into('BIGINT', [...good, ...bad], 'v', 'CAST(v AS CHAR)');
  assert.deepEqual([kept, refused], [good, bad]);
});

test('integers outside the range of their column are refused', options, async () => {
  const { kept, refused } = await into('TINYINT UNSIGNED', ['0', '255', '256', '-1', '1000000']);
  assert.deepEqual(
    [kept, refused],
    [
      [0, 255],
      ['256', '-1', '1000000'],
    ],
  );
});

test('an unsigned BIGINT holds all its numbers', options, async () => {
  const good = ['9223372036854775808', '18446744073709551615'];
  const { kept, refused } = await into(
    'BIGINT UNSIGNED',
    [...good, '18446744073709551616'],
    'v',
    'CAST(v AS CHAR)',
  );
  assert.deepEqual([kept, refused], [good, ['18446744073709551616']]);
});

test('decimals are refused before a digit is cut off', options, async () => {
  const good = ['1.10', '-999.99', '0.5', '7', '1e2', '1.100'];
  const bad = ['1.101', '1000.00', '1e400', '-0', '-0.00', '00.5', '.5', '5.', '1e-3', 'x', ''];
  const { kept, refused } = await into('DECIMAL(5,2)', [...good, ...bad], 'v', 'CAST(v AS CHAR)');
  assert.deepEqual([kept, refused], [['1.10', '-999.99', '0.50', '7.00', '100.00', '1.10'], bad]);
});

test('doubles are refused if they would be another number', options, async () => {
  const good = ['1.10', '0.1', '-2.5', '1e21', '9007199254740992', '3'];
  const bad = ['9007199254740993', '1e400', '-0', '00.5', '0.1000000000000000000001', 'NaN', 'Infinity', ''];
  const { kept, refused } = await into('DOUBLE', [...good, ...bad]);
  assert.deepEqual([kept.map(Number), refused], [good.map(Number), bad]);
});

test('a day that does not exist is refused, and so is a date in another form', options, async () => {
  const good = ['2024-02-29', '0001-01-01', '9999-12-31'];
  const bad = [
    '2023-02-29',
    '2024-13-01',
    '2024-1-2',
    '20240102',
    '24-01-02',
    '2024-01-02 10:00:00',
    '2024/01/02',
    '',
  ];
  const { kept, refused } = await into('DATE', [...good, ...bad]);
  assert.deepEqual([kept, refused], [good, bad]);
});

test('zero dates of old tables stay what they are', options, async () => {
  const { kept, refused } = await into('DATE', ['0000-00-00', '2024-00-00']);
  assert.deepEqual([kept, refused], [['0000-00-00', '2024-00-00'], []]);
});

test('points in time keep their microseconds; those with an offset are stored in UTC', options, async () => {
  const { kept, refused } = await into('DATETIME(6)', [
    '2024-01-02 03:04:05.123456',
    '2024-01-02T03:04:05',
    '2024-01-02 03:04',
    '2024-01-02',
    '2024-01-02T03:04:05.5Z',
    '2024-01-01 01:30:00+02:00',
    '2024-12-31 23:30:00.123456-0130',
    '2024-01-02 03:04:05.1234567',
    '2024-01-02 25:00:00',
    '2024-02-30 10:00:00Z',
    '2024-02-30 10:00:00',
    'now',
    '2024-01-02 03:04:05 ',
  ]);
  assert.deepEqual(kept, [
    '2024-01-02 03:04:05.123456',
    '2024-01-02 03:04:05.000000',
    '2024-01-02 03:04:00.000000',
    '2024-01-02 00:00:00.000000',
    '2024-01-02 03:04:05.500000',
    '2023-12-31 23:30:00.000000',
    '2025-01-01 01:00:00.123456',
  ]);
  assert.equal(refused.length, 6);
});

test('a fraction of a second that the column would cut off is refused', options, async () => {
  const values = ['2024-01-02 03:04:05.6', '2024-01-02 03:04:05.0'];
  const { kept, refused } = await into('DATETIME', values);
  assert.deepEqual([kept, refused], [['2024-01-02 03:04:05'], ['2024-01-02 03:04:05.6']]);
});

test('times and years in other forms are refused', options, async () => {
  const times = await into('TIME', ['10:11:12', '-838:59:59', '10:11', '1112', '839:00:00', '10:11:12.5']);
  assert.deepEqual(
    [times.kept, times.refused],
    [
      ['10:11:12', '-838:59:59'],
      ['10:11', '1112', '839:00:00', '10:11:12.5'],
    ],
  );
  const years = await into('YEAR', ['2024', '24', '2300']);
  assert.deepEqual([years.kept, years.refused], [[2024], ['24', '2300']]);
});

test('booleans are 1 and 0', options, async () => {
  const { kept, refused } = await into('BOOLEAN', ['true', 'false', '1', '0', 'TRUE', 'yes'], 'v:boolean');
  assert.deepEqual(
    [kept, refused],
    [
      [1, 0, 1, 0],
      ['TRUE', 'yes'],
    ],
  );
});

test('members of ENUM and SET are known by their names alone', options, async () => {
  const chosen = await into("ENUM('red','it''s','10')", ['red', "it's", '10', '1', 'RED', 'blue', '']);
  assert.deepEqual(
    [chosen.kept, chosen.refused],
    [
      ['red', "it's", '10'],
      ['1', 'RED', 'blue', ''],
    ],
  );
  const sets = await into("SET('a','b')", ['a', 'a,b', '', '3', 'c', 'a,c']);
  assert.deepEqual(
    [sets.kept, sets.refused],
    [
      ['a', 'a,b', ''],
      ['3', 'c', 'a,c'],
    ],
  );
});

test('text that is too long or that its column has no characters for is refused', options, async () => {
  const long = await into('VARCHAR(3)', ['abc', 'abcd', '🙂🙂🙂']);
  assert.deepEqual([long.kept, long.refused], [['abc', '🙂🙂🙂'], ['abcd']]);
  const latin = await into('VARCHAR(3) CHARACTER SET latin1', ['ä', '🙂']);
  assert.deepEqual([latin.kept, latin.refused], [['ä'], ['🙂']]);
});

test('bits are numbers', options, async () => {
  const { kept, refused } = await into('BIT(8)', ['0', '5', '255', '256', 'x'], 'v', 'v+0');
  assert.deepEqual(
    [kept.map(Number), refused],
    [
      [0, 5, 255],
      ['256', 'x'],
    ],
  );
});

test('JSON is kept to the letter, and what is none is refused', options, async () => {
  const documents = ['{"b": 1.10, "a":[1e400]}', '[]', '12345678901234567890123'];
  const cells = [...documents, '{x}'].map(text => ({ quoted: text.replaceAll('"', '""') }));
  await database.run('DROP TABLE IF EXISTS t');
  const written = await database.load(
    ['n:integer', 'v:json'],
    cells.map((cell, n) => [String(n), cell]),
  );
  assert.deepEqual(
    written.refused.map(({ index }) => index),
    [3],
  );
  assert.deepEqual(
    await database.rows('SELECT v FROM t ORDER BY n'),
    documents.map(text => [text]),
  );
});

test('values of a transform arrive as they are', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (n BIGINT, v LONGTEXT, b BLOB, j JSON, d DATETIME(3))',
  );
  const bytes = Uint8Array.of(0, 9, 10, 39, 92, 128, 255);
  const records = objectRecords(
    { n: 9007199254740993n, v: "it's", b: bytes, j: { a: [1, '\t'] }, d: new Date(1.5e12) },
    { n: 2, v: null, b: null },
    { n: 3, v: '\ud800' },
    { n: 4.5 },
    { n: 5, w: 1 },
  );
  const written = await database.loadRecords(
    columnsOf('n:integer', 'v', 'b', 'j:json', 'd:timestamp'),
    records,
  );
  assert.deepEqual(
    written.refused.map(({ index, reason }) => [index, reason]),
    [
      [2, 'type'],
      [3, 'type'],
      [4, 'unknown_key'],
    ],
  );
  assert.deepEqual(
    await database.rows('SELECT CAST(n AS CHAR), v, HEX(b), j, CAST(d AS CHAR) FROM t ORDER BY n'),
    [
      ['2', null, null, null, null],
      [
        '9007199254740993',
        "it's",
        Buffer.from(bytes).toString('hex').toUpperCase(),
        '{"a":[1,"\\t"]}',
        '2017-07-14 02:40:00.000',
      ],
    ],
  );
});

test('0 is a number, not a request for the next one', options, async () => {
  await database.run(
    'DROP TABLE IF EXISTS t',
    'CREATE TABLE t (id BIGINT AUTO_INCREMENT PRIMARY KEY, v TEXT)',
  );
  await database.load(
    ['id:integer', 'v'],
    [
      ['0', 'zero'],
      ['7', 'seven'],
    ],
  );
  assert.deepEqual(await database.rows('SELECT id, v FROM t ORDER BY id'), [
    ['0', 'zero'],
    ['7', 'seven'],
  ]);
});

test('a table is made of the types', options, async () => {
  await database.run('DROP TABLE IF EXISTS t');
  const columns = ['i:integer', 'r:real', 'd:decimal', 'b:boolean', 'a:date', 's:timestamp', 'j:json', 'x'];
  await database.load(columns, [
    ['1', '0.5', '1.10', 'true', '2024-01-02', '2024-01-02 03:04:05', '[]', 'text'],
  ]);
  const types = await database.rows(
    `SELECT COLUMN_NAME, SUBSTRING_INDEX(COLUMN_TYPE, '(', 1) FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = '${database.name}' AND TABLE_NAME = 't' ORDER BY ORDINAL_POSITION`,
  );
  assert.deepEqual(
    types.map(([, type]) => type),
    ['bigint', 'double', 'decimal', 'tinyint', 'date', 'datetime', 'longtext', 'longtext'],
  );
});
