import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ColumnType, OutputColumn } from '#tranche/core/columns.js';
import {
  CellKind,
  KIND_SHIFT,
  type RecordObject,
  type Records,
  type TextRecords,
} from '#tranche/core/records.js';
import { type CsvDialect, csvDialect, defaultDialect } from '#tranche/formats/csv/dialect.js';
import { CsvScanner } from '#tranche/formats/csv/scanner.js';
import { WriteKernel } from '#tranche/formats/csv/write-kernel.js';
import { CsvEncoder, type CsvEncoderOptions } from '#tranche/formats/csv/writer.js';
import { RecordTable } from '#tranche/formats/table.js';
import { GrowingBuffer } from '../../helpers/growing-buffer.js';
import { recordsOf } from './scan-csv.js';

const comma = defaultDialect('csv');
/** Who writes: nobody but the encoder, the kernel as it is used, and one into whose chunk hardly a record fits. What they write must be the same. */
const kernels = [null, new WriteKernel(), new WriteKernel(8)];
const plain: CsvEncoderOptions = { header: true, escapeFormulas: false };

test('the header is the names of the output, quoted where needed', () => {
  const header = (names: string[], options = plain, dialect = comma) =>
    new CsvEncoder(columnsNamed(names), dialect, options).header().toString();
  assert.equal(header(['id', 'a,b', 'say "x"', '', 'ü']), 'id,"a,b","say ""x""","",ü\n');
  assert.equal(header(['id', 'x'], { ...plain, header: false }), '');
  assert.equal(header(['=1+1', '-5'], { ...plain, escapeFormulas: true }), "'=1+1,-5\n");
  assert.equal(header(['\ufeffid']), '"\ufeffid"\n');
  assert.throws(
    () => header(['a,b'], plain, csvDialect('csv', { quote: '' })),
    /column "a,b": it cannot be written without quotes/,
  );
});

test('the same dialect and all columns: records are copied as they stand, with LF behind each', () => {
  const text = 'a,"b",\r\n"c\r\nd","e ""f""",x"y\n1,2,3\n4,5,6\r7,8,9';
  assert.equal(
    encode(csv(text, 3), { source: comma }).text,
    'a,"b",\n"c\r\nd","e ""f""",x"y\n1,2,3\n4,5,6\n7,8,9\n',
  );
});

test('a record that is missing between two is not copied with them', () => {
  const records = csv('a,1\nbad\nb,2\n\nc,3\n', 2);
  assert.equal(encode(records, { source: comma }).text, 'a,1\nb,2\nc,3\n');
});

test('the same dialect and some columns: fields are copied as they stand', () => {
  const records = csv('a,"b",\n"c\nd","e ""f""",x"y\n', 3);
  assert.equal(encode(records, { source: comma, columns: [column(2), column(0)] }).text, ',a\nx"y,"c\nd"\n');
  assert.equal(
    encode(records, { source: comma, columns: [column(1), column(1)] }).text,
    '"b","b"\n"e ""f""","e ""f"""\n',
  );
});

test('an unknown source dialect: quotes are written where they are needed, and only there', () => {
  const records = csv('a,"b",\n"c\nd","e ""f""",x"y\n"","g,h",i\n', 3);
  assert.equal(encode(records).text, 'a,b,\n"c\nd","e ""f""","x""y"\n"","g,h",i\n');
});

test('CSV to TSV and back', () => {
  const tsv = defaultDialect('tsv');
  const there = encode(csv('"a,b",c\td\n"e\tf","g""h"\n', 2), { source: comma, dialect: tsv }).text;
  assert.equal(there, 'a,b\t"c\td"\n"e\tf"\t"g""h"\n');
  assert.equal(encode(csv(there, 2, tsv), { source: tsv }).text, '"a,b",c\td\ne\tf,"g""h"\n');
});

test('null texts differ: null stays null and a text stays a text', () => {
  const nulls = csvDialect('csv', { nullText: 'NULL' });
  assert.equal(encode(csv(',"",NULL\n', 3), { source: comma, dialect: nulls }).text, 'NULL,"","NULL"\n');
  assert.equal(encode(csv('NULL,,"NULL"\n', 3, nulls), { source: nulls }).text, ',"",NULL\n');
});

test('a backslash as escape', () => {
  const backslash = csvDialect('csv', { escape: '\\' });
  assert.equal(encode(csv('"a""b",c\\d\n', 2), { dialect: backslash }).text, '"a\\"b","c\\\\d"\n');
  assert.equal(
    encode(csv('"a\\"b","c\\\\d"\n', 2, backslash), { source: backslash, dialect: backslash }).text,
    '"a\\"b","c\\\\d"\n',
  );
  assert.equal(encode(csv('"a\\"b","c\\\\d"\n', 2, backslash)).text, '"a""b",c\\d\n');
});

test('a delimiter of several bytes', () => {
  const euro = csvDialect('csv', { delimiter: '€' });
  assert.equal(encode(csv('a,5€\nb,"c"\n', 2), { dialect: euro }).text, 'a€"5€"\nb€c\n');
});

test('without quotes what cannot be written is refused, and nothing of it is', () => {
  const bare = csvDialect('csv', { quote: '' });
  const { text, refusals } = encode(csv('a,b\nc,"d,e"\nf,""\ng,\n', 2), { dialect: bare });
  assert.equal(text, 'a,b\ng,\n');
  assert.deepEqual(refusals, [
    { index: 1, reason: 'refused', message: 'column c1: it cannot be written without quotes' },
    { index: 2, reason: 'refused', message: 'column c1: it cannot be written without quotes' },
  ]);
  const nulls = csvDialect('csv', { quote: '', nullText: 'NULL' });
  assert.equal(encode(csv('f,""\n', 2), { dialect: nulls }).text, 'f,\n', 'empty is not null here');
});

test('a single column has no line that looks blank, except for null', () => {
  const nulls = csvDialect('csv', { nullText: 'NULL' });
  assert.equal(encode(csv('""\n\na\n', 1), { source: comma }).text, '""\n\na\n');
  assert.equal(
    encode(csv('\nNULL\n""\n', 1, nulls), { source: nulls, dialect: nulls }).text,
    '""\nNULL\n""\n',
  );
});

test('without a header no field may look like the byte order mark of the file', () => {
  const records = csv('"\ufeffa",b\n\ufeffc,d\n', 2);
  assert.equal(
    encode(records, { source: comma, options: { header: false } }).text,
    '"\ufeffa",b\n"\ufeffc",d\n',
  );
});

test('JSON cells of every kind', () => {
  const records = json(
    '{"a":"x","b":1.10,"c":true,"d":null,"e":{"k":[1,"z"]},"f":"say \\"hi\\",\\n\\u00e9","g":"","h":"p,q"}',
    ['"x"', '1.10', 'true', 'null', '{"k":[1,"z"]}', '"say \\"hi\\",\\n\\u00e9"', '""', '"p,q"'],
  );
  assert.equal(encode(records).text, 'x,1.10,true,,"{""k"":[1,""z""]}","say ""hi"",\né","","p,q"\n');
});

test('a null text that looks like a number is told from the number', () => {
  const minus = csvDialect('csv', { nullText: '-1' });
  assert.equal(encode(json('{"a":-1,"b":null}', ['-1', 'null']), { dialect: minus }).text, '"-1",-1\n');
});

test('rows of values', () => {
  const rows: Records = {
    form: 'rows',
    count: 2,
    rows: [
      ['a,b', 1.5, 2n ** 60n, true, null, new Date(0), Buffer.from('\x01\xff', 'latin1'), { k: [1n, -0] }],
      ['', -0, 0n, false, null, new Date('2001-02-03T04:05:06.007Z'), new Uint8Array(0), []],
    ],
  };
  assert.equal(
    encode(rows, { width: 8 }).text,
    `"a,b",1.5,1152921504606846976,true,,1970-01-01T00:00:00.000Z,01ff,"{""k"":[1,-0]}"
"",-0,0,false,,2001-02-03T04:05:06.007Z,"",[]
`,
  );
});

test('rows follow the order of the output', () => {
  const rows: Records = { form: 'rows', count: 1, rows: [['a', 'b', 'c']] };
  assert.equal(encode(rows, { columns: [column(2), column(0)] }).text, 'c,a\n');
});

test('values without a text are refused', () => {
  const circle: { self?: unknown } = {};
  circle.self = circle;
  const values = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    new Date(Number.NaN),
    () => 1,
    Symbol('s'),
    circle,
    [Number.NaN],
    '\ud800',
    'ok',
  ];
  const { text, refusals } = encode(objects(values.map(c0 => ({ c0 }))), { width: 1 });
  assert.equal(text, 'ok\n');
  assert.deepEqual(
    refusals.map(({ index, reason }) => [index, reason]),
    [0, 1, 2, 3, 4, 5, 6, 7].map(index => [index, 'refused']),
  );
});

test('nothing remains of a record whose second value is refused', () => {
  const rows: Records = {
    form: 'rows',
    count: 3,
    rows: [
      ['a', 1],
      ['b', Number.NaN],
      ['c', 3],
    ],
  };
  const { text, refusals } = encode(rows);
  assert.equal(text, 'a,1\nc,3\n');
  assert.deepEqual(refusals, [
    { index: 1, reason: 'refused', message: 'column c1: NaN is no number that can be written' },
  ]);
});

test('objects: missing keys are null, unknown keys are refused, what is inherited is not looked at', () => {
  const prototype = JSON.parse('{"__proto__":"p","a":"x"}') as RecordObject;
  const records = objects([{ a: 1 }, { a: 1, b: 2 }, { b: undefined, a: 'y' }, {}, prototype]);
  const columns = [named('a', 0), named('constructor', 1), named('__proto__', 2)];
  const { text, refusals } = encode(records, { columns });
  assert.equal(text, '1,,\ny,,\n,,\nx,,p\n');
  assert.deepEqual(refusals, [{ index: 1, reason: 'unknown_key', message: 'no column is called "b"' }]);
});

test('a declared type that does not fit is refused; an inferred one is not looked at', () => {
  const columns = [typed(0, 'integer', true), typed(1, 'date', false)];
  const text = '1,x\n01,2001-01-01\n"7",\n,y\n"",z\n"1""",\n';
  for (const source of [undefined, comma]) {
    const { text: written, refusals } = encode(csv(text, 2), { columns, source });
    assert.equal(written, '1,x\n7,\n,y\n');
    assert.deepEqual(refusals, [
      { index: 1, reason: 'type', message: 'column c0: "01" is not of type integer' },
      { index: 4, reason: 'type', message: 'column c0: "" is not of type integer' },
      { index: 5, reason: 'type', message: 'column c0: "1\\"" is not of type integer' },
    ]);
  }
  const values = encode(objects([{ c0: 5 }, { c0: 'x' }, { c0: 1.5 }]), { columns });
  assert.equal(values.text, '5,\n');
  assert.deepEqual(
    values.refusals.map(({ index, reason }) => [index, reason]),
    [
      [1, 'type'],
      [2, 'type'],
    ],
  );
});

test('formulas are made harmless, numbers stay', () => {
  const options = { header: true, escapeFormulas: true };
  const text = '=1+1,+49 30,-5,-x\n@a,\ttab,"=A1,B1",-1.5e3\n"""=",a=b,"+1",-\n';
  const expected = "'=1+1,'+49 30,-5,'-x\n'@a,'\ttab,\"'=A1,B1\",-1.5e3\n\"\"\"=\",a=b,'+1,'-\n";
  assert.equal(encode(csv(text, 4), { options, source: comma }).text, expected);
  assert.equal(
    encode(objects([{ c0: '=1', c1: -5, c2: '-5', c3: '\rx' }]), { options, width: 4 }).text,
    '\'=1,-5,-5,"\'\rx"\n',
  );
  const single = csvDialect('csv', { quote: "'" });
  assert.equal(
    encode(csv('=1,b\n', 2), { options, dialect: single }).text,
    "'''=1',b\n",
    'where the quote is a single one',
  );
});

test('records longer than the fast loop takes', () => {
  const long = 'x'.repeat(100_000);
  const text = `1,${long},2\n3,"${long},",4\n5,6,7\n`;
  assert.equal(encode(csv(text, 3)).text, text);
  assert.equal(
    encode(csv(text, 3), { source: comma, columns: [column(1), column(2)] }).text,
    `${long},2\n"${long},",4\n6,7\n`,
  );
});

test('the last record is written the same where no byte follows it', () => {
  const records = csv('a,"b""c",NULL\nd,"e,f",\n', 3);
  const cut = { ...records, bytes: Buffer.from(records.bytes.subarray(0, -BEHIND.length)) };
  const nulls = csvDialect('csv', { nullText: 'NULL' });
  const hows: How[] = [
    {},
    { source: comma },
    { source: comma, columns: [column(2), column(1)] },
    { dialect: nulls },
  ];
  for (const how of hows) assert.equal(encode(cut, how).text, encode(records, how).text);
});

test('what is written goes behind what is there', () => {
  const into = new GrowingBuffer();
  const encoder = new CsvEncoder(columns(2), comma, plain);
  encoder.encode(csv('a,b\n', 2), into);
  encoder.encode(csv('c,"d,e"\n', 2), into);
  assert.equal(into.text(), 'a,b\nc,"d,e"\n');
});

interface How {
  readonly dialect?: CsvDialect;
  readonly source?: CsvDialect | undefined;
  readonly columns?: OutputColumn[];
  readonly width?: number;
  readonly options?: Partial<CsvEncoderOptions>;
}

function encode(records: Records, how: How = {}) {
  const width = how.width ?? (records.form === 'text' ? records.width : 2);
  const options = { ...plain, ...how.options, source: how.source };
  const [found, ...others] = kernels.map(kernel => {
    const into = new GrowingBuffer();
    const encoder = new CsvEncoder(
      how.columns ?? columns(width),
      how.dialect ?? comma,
      options,
      () => kernel,
    );
    const refusals = encoder.encode(records, into);
    return { text: into.text(), refusals };
  });
  for (const other of others) assert.deepEqual(other, found);
  return found!;
}

/** Bytes behind the records, as in a source's buffer. */
const BEHIND = '",\n"';

function csv(text: string, width: number, dialect = comma): TextRecords {
  const bytes = Buffer.from(text + BEHIND);
  const scanner = new CsvScanner(dialect, width);
  const table = new RecordTable(width);
  table.clear(1e6, 1e6);
  scanner.scan(bytes, 0, bytes.length - BEHIND.length, true, table);
  return recordsOf(table, bytes, scanner);
}

/** One record of JSON whose cells are the given parts of its text. */
function json(text: string, cells: string[]): TextRecords {
  const bytes = Buffer.from(text + BEHIND);
  const starts = new Uint32Array(cells.length);
  const ends = new Uint32Array(cells.length);
  let from = 0;
  cells.forEach((cell, i) => {
    const quotes = cell.startsWith('"') ? 1 : 0;
    from = bytes.indexOf(`:${cell}`, from) + 1;
    starts[i] = from + quotes;
    from += Buffer.byteLength(cell);
    ends[i] = (from - quotes) | (jsonKind(cell) << KIND_SHIFT);
  });
  const records = {
    bytes,
    starts,
    ends,
    recordStarts: Uint32Array.of(0),
    recordEnds: Uint32Array.of(bytes.length - BEHIND.length),
  };
  return {
    form: 'text',
    syntax: 'json',
    quote: 0x22,
    escape: 0x5c,
    ascii: false,
    plain: false,
    count: 1,
    width: cells.length,
    ...records,
  };
}

function jsonKind(cell: string): number {
  if (cell.startsWith('"')) return cell.includes('\\') ? CellKind.escaped : CellKind.quoted;
  if (cell === 'null') return CellKind.null;
  if (cell === 'true') return CellKind.literal;
  return cell.startsWith('{') ? CellKind.nested : CellKind.number;
}

function objects(list: RecordObject[]): Records {
  return { form: 'objects', count: list.length, objects: list };
}

function columns(width: number): OutputColumn[] {
  return Array.from({ length: width }, (_, i) => column(i));
}

function column(from: number): OutputColumn {
  return named(`c${from}`, from);
}

function named(name: string, from: number): OutputColumn {
  return { name, type: 'text', declared: false, from };
}

function typed(from: number, type: ColumnType, declared: boolean): OutputColumn {
  return { name: `c${from}`, type, declared, from };
}

function columnsNamed(names: string[]): OutputColumn[] {
  return names.map(named);
}
