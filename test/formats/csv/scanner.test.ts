import assert from 'node:assert/strict';
import { test } from 'node:test';
import { END_MASK, KIND_SHIFT } from '#tranche/core/records.js';
import { csvDialect, defaultDialect } from '#tranche/formats/csv/dialect.js';
import { CsvScanner, scanRow } from '#tranche/formats/csv/scanner.js';
import { RecordTable } from '#tranche/formats/table.js';
import { scanCsv } from './scan-csv.js';

const rows = (text: string, width: number, how = {}) => scanCsv(text, width, how).records;

test('plain records', () => {
  const { records, plain, raw, malformed, next } = scanCsv('1,LAS,x\n2,ATL,y\n3,MCI,z\n', 3);
  assert.deepEqual(records, [
    ['1', 'LAS', 'x'],
    ['2', 'ATL', 'y'],
    ['3', 'MCI', 'z'],
  ]);
  assert.deepEqual(raw, ['1,LAS,x', '2,ATL,y', '3,MCI,z']);
  assert.equal(plain, true);
  assert.deepEqual(malformed, []);
  assert.equal(next, 24);
});

test('LF, CRLF and a lone CR end a record, in one file', () => {
  assert.deepEqual(rows('a,1\nb,2\r\nc,3\rd,4\r\ne,5\n', 2), [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
    ['d', '4'],
    ['e', '5'],
  ]);
  assert.deepEqual(scanCsv('a,1\r\nb,2\r\n', 2).raw, ['a,1', 'b,2']);
});

test('a CR at the end is no line ending yet, unless nothing follows', () => {
  const open = scanCsv('a,1\nb,2\r', 2, { last: false });
  assert.deepEqual(open.records, [['a', '1']]);
  assert.equal(open.next, 4);
  const closed = scanCsv('a,1\nb,2\r', 2);
  assert.deepEqual(closed.records, [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.equal(closed.next, 8);
});

test('bytes behind the data are not read', () => {
  assert.deepEqual(rows('a,1\nb,2\r', 2, { behind: '\nc,3\n' }), [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.equal(scanCsv('a,1\nb,2\r', 2, { behind: '\nc,3\n' }).next, 8);
  assert.deepEqual(rows('a,"1"', 2, { behind: '"\nc,3\n' }), [['a', '1']]);
  assert.deepEqual(scanCsv('a,"1"', 2, { behind: '\nc,3\n', last: false }).records, []);
});

test('the last record needs no line ending', () => {
  assert.deepEqual(rows('a,1\nb,2', 2), [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.deepEqual(rows('a,1\nb,', 2), [
    ['a', '1'],
    ['b', null],
  ]);
  assert.deepEqual(rows('a,1\nb,"2"', 2), [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.deepEqual(scanCsv('a,1\nb,2', 2, { last: false }).records, [['a', '1']]);
});

test('empty input has no records', () => {
  assert.deepEqual(rows('', 2), []);
  assert.deepEqual(rows('', 1), []);
});

test('an empty field is null, an empty field in quotes is the empty string', () => {
  assert.deepEqual(rows(',"",x\n"",,\n', 3), [
    [null, '', 'x'],
    ['', null, null],
  ]);
});

test('with a null text, that text is null and an empty field is empty', () => {
  const dialect = csvDialect('csv', { nullText: 'NULL' });
  assert.deepEqual(rows('NULL,"NULL",\nNUL,NULLS,null\n', 3, { dialect }), [
    [null, 'NULL', ''],
    ['NUL', 'NULLS', 'null'],
  ]);
  const postgres = csvDialect('csv', { nullText: '\\N' });
  assert.deepEqual(rows('\\N,N,\\\\N\n\\.,x,\n', 3, { dialect: postgres }), [
    [null, 'N', '\\\\N'],
    ['\\.', 'x', ''],
  ]);
});

test('quoted fields hold delimiters, line endings and doubled quotes', () => {
  const text = '"a,b","c\nd\r\ne\rf","say ""hi"""\n1,"""",""""""\n';
  const found = scanCsv(text, 3);
  assert.deepEqual(found.records, [
    ['a,b', 'c\nd\r\ne\rf', 'say "hi"'],
    ['1', '"', '""'],
  ]);
  assert.equal(found.innerLines, 3);
  assert.equal(found.plain, false);
});

test('a table is plain only as long as no good record has quotes', () => {
  assert.equal(scanCsv('a,b\n"x"\n', 2).plain, true);
  assert.equal(scanCsv('a,b\n"x",y\n', 2).plain, false);
});

test('spaces belong to the field, and quotes behind them are text', () => {
  assert.deepEqual(rows(' a , "b" \n', 2), [[' a ', ' "b" ']]);
});

test('a stray quote inside a field is text', () => {
  assert.deepEqual(rows('5" disk,it"s\na"b"c,"\n"x",y"\n', 2).slice(0, 1), [['5" disk', 'it"s']]);
  assert.deepEqual(rows('a"b"c,y"\n', 2), [['a"b"c', 'y"']]);
});

test('text behind a closing quote makes the record malformed, and only that record', () => {
  const found = scanCsv('a,1\n"b"x,2\nc,3\n', 2);
  assert.deepEqual(found.records, [
    ['a', '1'],
    ['c', '3'],
  ]);
  assert.deepEqual(found.malformed, [
    {
      before: 1,
      reason: 'text_after_quote',
      message: 'text behind the closing quote of field 1',
      raw: '"b"x,2',
    },
  ]);
});

test('behind text after a quote the fields are read by the usual rules', () => {
  const found = scanCsv('"a"b,"c\nd",e\n1,2,3\n', 3);
  assert.equal(found.malformed[0]?.raw, '"a"b,"c\nd",e');
  assert.deepEqual(found.records, [['1', '2', '3']]);
  assert.equal(found.innerLines, 1);
  assert.deepEqual(rows('"a" "b\nc,2\n', 2), [['c', '2']]);
});

test('of two things wrong with a record the first is told', () => {
  assert.equal(scanCsv('"a"b,"c\n', 2).malformed[0]?.reason, 'text_after_quote');
  assert.equal(scanCsv('"a"b\n', 2).malformed[0]?.reason, 'text_after_quote');
});

test('a quote that never closes is malformed at the end, incomplete before', () => {
  const found = scanCsv('a,1\nb,"2\nc,3\n', 2);
  assert.deepEqual(found.records, [['a', '1']]);
  assert.deepEqual(found.malformed, [
    {
      before: 1,
      reason: 'unclosed_quote',
      message: 'the quote of field 2 is never closed',
      raw: 'b,"2\nc,3\n',
    },
  ]);
  assert.equal(found.innerLines, 2);
  const open = scanCsv('a,1\nb,"2\nc,3\n', 2, { last: false });
  assert.deepEqual(open.malformed, []);
  assert.equal(open.next, 4);
  assert.equal(open.innerLines, 0);
});

test('ragged records are malformed and leave no cell behind', () => {
  const found = scanCsv('a,b,c\n1\n1,2\nd,e,f\n1,2,3,4\n,,,\n"x\ny"\n', 3);
  assert.deepEqual(found.records, [
    ['a', 'b', 'c'],
    ['d', 'e', 'f'],
  ]);
  assert.deepEqual(
    found.malformed.map(({ before, reason, message, raw }) => [before, reason, message, raw]),
    [
      [1, 'ragged', '1 field instead of 3', '1'],
      [1, 'ragged', '2 fields instead of 3', '1,2'],
      [2, 'ragged', '4 fields instead of 3', '1,2,3,4'],
      [2, 'ragged', '4 fields instead of 3', ',,,'],
      [2, 'ragged', '1 field instead of 3', '"x\ny"'],
    ],
  );
  assert.equal(found.innerLines, 1);
});

test('blank lines are no records, whatever ends them', () => {
  const found = scanCsv('\n\r\n\ra,1\n\n\nb,2\n\r\n', 2);
  assert.deepEqual(found.records, [
    ['a', '1'],
    ['b', '2'],
  ]);
  assert.equal(found.blankLines, 6);
  assert.deepEqual(found.malformed, []);
});

test('a line of spaces is not blank', () => {
  assert.equal(scanCsv('a,1\n  \n', 2).malformed[0]?.message, '1 field instead of 2');
});

test('with a single column a blank line is a record', () => {
  const found = scanCsv('a\n\n""\r\n\r\nb', 1);
  assert.deepEqual(found.records, [['a'], [null], [''], [null], ['b']]);
  assert.equal(found.blankLines, 0);
  const dialect = csvDialect('csv', { nullText: 'NULL' });
  assert.deepEqual(rows('\nNULL\n', 1, { dialect }), [[''], [null]]);
});

test('NUL and other control bytes are text', () => {
  assert.deepEqual(rows('a\0b,\t\x01\x0b\x0c\n\0,"\0\x02\t"\n', 2), [
    ['a\0b', '\t\x01\x0b\x0c'],
    ['\0', '\0\x02\t'],
  ]);
});

test('text beyond ASCII', () => {
  assert.deepEqual(rows('żółć,😀\n"עברית, ימין",Ünïcode\n', 2), [
    ['żółć', '😀'],
    ['עברית, ימין', 'Ünïcode'],
  ]);
});

test('other delimiters: tab, pipe, and one of several bytes', () => {
  assert.deepEqual(rows('a,b\tc\n"x\ty"\t\n', 2, { dialect: defaultDialect('tsv') }), [
    ['a,b', 'c'],
    ['x\ty', null],
  ]);
  assert.deepEqual(rows('a|b\r\n"|"|c', 2, { dialect: csvDialect('csv', { delimiter: '|' }) }), [
    ['a', 'b'],
    ['|', 'c'],
  ]);
  const euro = csvDialect('csv', { delimiter: '€' });
  assert.deepEqual(rows('a€b,\n"€"€₭\n€\n', 2, { dialect: euro }), [
    ['a', 'b,'],
    ['€', '₭'],
    [null, null],
  ]);
  assert.equal(scanCsv('a\n', 2, { dialect: euro }).malformed[0]?.reason, 'ragged');
});

test('a backslash that escapes', () => {
  const dialect = csvDialect('csv', { escape: '\\' });
  assert.deepEqual(rows('"a\\"b","c\\\\"\nd\\,e\n"\\\n\\",",x\n', 2, { dialect }), [
    ['a"b', 'c\\'],
    ['d\\', 'e'],
    ['\\\n",', 'x'],
  ]);
  assert.equal(scanCsv('"a""b",c\n', 2, { dialect }).malformed[0]?.reason, 'text_after_quote');
  assert.equal(scanCsv('a,"b\\"\n', 2, { dialect }).malformed[0]?.reason, 'unclosed_quote');
  assert.equal(scanCsv('a,"b\\', 2, { dialect }).malformed[0]?.reason, 'unclosed_quote');
  assert.equal(scanCsv('"\\\r\nx",y\n', 2, { dialect }).innerLines, 1);
});

test('without quoting a quote is text', () => {
  const dialect = csvDialect('csv', { quote: '' });
  assert.deepEqual(rows('"a,b"\n"",\n', 2, { dialect }), [
    ['"a', 'b"'],
    ['""', null],
  ]);
});

test('a single quote as quote', () => {
  const dialect = csvDialect('csv', { quote: "'" });
  assert.deepEqual(rows(`'it''s, so',"x"\n`, 2, { dialect }), [["it's, so", '"x"']]);
});

test('a batch ends at its limit of records, malformed ones included', () => {
  const bytes = Buffer.from('a,1\nbad\nb,2\nc,3\n');
  const table = new RecordTable(2);
  table.clear(2, 1e9);
  const scanner = new CsvScanner(defaultDialect('csv'), 2);
  assert.equal(scanner.scan(bytes, 0, bytes.length, true, table), 8);
  assert.equal(table.count, 1);
  assert.equal(table.malformed.length, 1);
  assert.equal(scanner.scan(bytes, 8, bytes.length, true, table), 8, 'a full table takes nothing');
});

test('a batch begins no record at its limit of bytes, but always one', () => {
  const bytes = Buffer.from('aaaa,1\nb,2\nc,3\nd,4\ne,5\n');
  const scanner = new CsvScanner(defaultDialect('csv'), 2);
  const table = new RecordTable(2);
  table.clear(100, 8);
  assert.equal(
    scanner.scan(bytes, 0, bytes.length, false, table),
    11,
    'the record that begins before it is taken whole',
  );
  table.clear(100, 7);
  assert.equal(scanner.scan(bytes, 0, bytes.length, false, table), 7);
  table.clear(100, 0);
  assert.equal(scanner.scan(bytes, 11, bytes.length, false, table), 15, 'the first record is always begun');
});

test('a table goes on where an earlier scan ended', () => {
  const bytes = Buffer.from('a,1\nb,2\nc,3\n');
  const scanner = new CsvScanner(defaultDialect('csv'), 2);
  const table = new RecordTable(2);
  table.clear(100, 100);
  const next = scanner.scan(bytes, 0, 6, false, table);
  assert.equal(next, 4);
  assert.equal(scanner.scan(bytes, next, bytes.length, true, table), 12);
  assert.equal(table.count, 3);
  assert.deepEqual([...table.recordStarts.subarray(0, 3)], [0, 4, 8]);
  assert.deepEqual([...table.recordEnds.subarray(0, 3)], [3, 7, 11]);
});

test('a table that is too small grows', () => {
  const text = Array.from({ length: 1000 }, (_, i) => `${i},"x${i}"\n`).join('');
  const found = scanCsv(text, 2);
  assert.equal(found.records.length, 1000);
  assert.deepEqual(found.records[999], ['999', 'x999']);
});

test('a field of 16 MiB', () => {
  const bytes = Buffer.concat([Buffer.from('1,"'), Buffer.alloc(1 << 24, 'x,\n'), Buffer.from('"\n2,y\n')]);
  const table = new RecordTable(2);
  table.clear(100, bytes.length);
  const scanner = new CsvScanner(defaultDialect('csv'), 2);
  assert.equal(scanner.scan(bytes, 0, bytes.length, true, table), bytes.length);
  assert.equal(table.count, 2);
  assert.equal((table.ends[1]! & END_MASK) - table.starts[1]!, 1 << 24);
  assert.equal(table.ends[1]! >>> KIND_SHIFT, 1);
  assert.equal(table.innerLines, Math.floor((1 << 24) / 3));
});

test('a row of any width as text', () => {
  const dialect = defaultDialect('csv');
  const bytes = Buffer.from('id,"a ""b""",,"x\ny"\r\n1,2\n');
  const row = scanRow(bytes, 0, bytes.length, dialect);
  assert.deepEqual(row, {
    fields: ['id', 'a "b"', '', 'x\ny'],
    nulls: [false, false, true, false],
    next: 21,
    innerLines: 1,
    problem: null,
  });
  assert.deepEqual(scanRow(bytes, 21, bytes.length, dialect)?.fields, ['1', '2']);
});

test('a row that is not complete, the last one, a blank one, a malformed one', () => {
  const dialect = defaultDialect('csv');
  const read = (text: string, last: boolean) =>
    scanRow(Buffer.from(text), 0, Buffer.byteLength(text), dialect, last);
  assert.equal(read('a,b', false), null);
  assert.equal(read('a,"b\n', false), null);
  assert.equal(read('a,b\r', false), null);
  assert.deepEqual(read('a,b', true)?.fields, ['a', 'b']);
  assert.deepEqual(read('\n', false)?.fields, ['']);
  assert.equal(read('a,"b\n', true)?.problem?.reason, 'unclosed_quote');
  assert.equal(read('"a"b\n', true)?.problem?.reason, 'text_after_quote');
});
