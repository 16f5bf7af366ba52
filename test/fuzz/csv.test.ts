import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseString } from 'fast-csv';
import type { OutputColumn } from '#tranche/core/columns.js';
import type { RecordObject, Records } from '#tranche/core/records.js';
import { type CsvDialect, csvDialect } from '#tranche/formats/csv/dialect.js';
import { CsvScanner, scanRow } from '#tranche/formats/csv/scanner.js';
import { WriteKernel } from '#tranche/formats/csv/write-kernel.js';
import { CsvEncoder } from '#tranche/formats/csv/writer.js';
import { RecordTable } from '#tranche/formats/table.js';
import { recordsOf, scanCsv } from '../formats/csv/scan-csv.js';
import { anyCharacter } from '../helpers/any-character.js';
import { GrowingBuffer } from '../helpers/growing-buffer.js';

const dialects: readonly CsvDialect[] = [
  csvDialect('csv'),
  csvDialect('tsv'),
  csvDialect('csv', { delimiter: ';', quote: "'" }),
  csvDialect('csv', { delimiter: '|', nullText: 'NULL' }),
  csvDialect('csv', { escape: '\\', nullText: '\\N' }),
  csvDialect('csv', { delimiter: '€' }),
  csvDialect('csv', { quote: '' }),
];
const quotingDialects = dialects.filter(({ quote }) => quote >= 0);

const anyDialect = fc.constantFrom(...dialects);
const anyWidth = fc.integer({ min: 1, max: 4 });
const anyCuts = fc.array(fc.nat(400), { maxLength: 12 });

/** Text in which everything that means something in a dialect is frequent, well-formed or not. */
function messyText(dialect: CsvDialect): fc.Arbitrary<string> {
  const special = [dialect.delimiter.toString(), '\n', '\r', '\r\n', dialect.nullText];
  const quotes =
    dialect.quote < 0 ? ['"'] : [String.fromCharCode(dialect.quote), String.fromCharCode(dialect.escape)];
  const piece = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...special, ...quotes, quotes[0]!) },
    {
      weight: 2,
      arbitrary: fc.constantFrom('a', 'bc', '', ' ', '\t', '\0', 'é', '€', '₭', '😀', 'longer text'),
    },
  );
  return fc.array(piece, { maxLength: 60 }).map(pieces => pieces.join(''));
}

const messy = anyDialect.chain(dialect =>
  fc.record({ dialect: fc.constant(dialect), text: messyText(dialect), width: anyWidth }),
);

test('the same records come out however the bytes are cut and the batches limited', () => {
  const how = fc.record({
    cuts: anyCuts,
    limit: fc.integer({ min: 1, max: 5 }),
    byteLimit: fc.nat(40),
    behind: fc.constantFrom('', '\n"\n",\n"', 'x'),
  });
  fc.assert(
    fc.property(messy, how, ({ dialect, text, width }, { cuts, limit, byteLimit, behind }) => {
      const whole = scanCsv(text, width, { dialect });
      assert.deepEqual(scanCsv(text, width, { dialect, cuts, limit, byteLimit, behind }), whole);
    }),
    { numRuns: 3000 },
  );
});

test('every byte is in a record, good or malformed, or in a line ending', () => {
  fc.assert(
    fc.property(messy, ({ dialect, text, width }) => {
      const found = scanCsv(text, width, { dialect });
      assert.equal(found.next, Buffer.byteLength(text));
      const inOrder: string[] = [];
      let good = 0;
      for (const bad of found.malformed) {
        while (good < bad.before) inOrder.push(found.raw[good++]!);
        inOrder.push(bad.raw);
      }
      inOrder.push(...found.raw.slice(good));
      let rest = text;
      for (const raw of inOrder) {
        rest = rest.replace(/^[\r\n]*/, endings => (raw === '' ? endings : ''));
        if (raw.startsWith('\n') || raw.startsWith('\r'))
          assert.fail('a record that begins with a line ending');
        assert.ok(rest.startsWith(raw), `${JSON.stringify(rest)} begins with ${JSON.stringify(raw)}`);
        rest = rest.slice(raw.length).replace(/^(\r\n|\r|\n)/, '');
      }
      assert.match(rest, /^[\r\n]*$/);
    }),
    { numRuns: 2000 },
  );
});

test('the fast loop and the reader of single rows agree', () => {
  fc.assert(
    fc.property(messy, ({ dialect, text, width }) => {
      const { records, malformed, innerLines, blankLines } = scanCsv(text, width, {
        dialect,
        behind: ',"x\n',
      });
      assert.deepEqual(
        { records, malformed: malformed.length, innerLines, blankLines },
        rowByRow(text, width, dialect),
      );
    }),
    { numRuns: 3000 },
  );
});

test('skip ends where a scan does', () => {
  fc.assert(
    fc.property(messy, anyCuts, ({ dialect, text }, cuts) => {
      const bytes = Buffer.from(text);
      for (let from = 0; from < bytes.length; ) {
        const row = scanRow(bytes, from, bytes.length, dialect, true)!;
        // Whatever is wrong with it: it goes on behind the end, or its CR may be half of a line ending.
        const open = scanRow(bytes, from, bytes.length, dialect, false) === null;
        const skipped = skip(bytes, from, cuts, dialect);
        assert.equal(skipped.lines, row.innerLines);
        assert.equal(skipped.end, open ? -1 : row.next);
        from = row.next;
      }
    }),
    { numRuns: 2000 },
  );
});

test('what fast-csv reads in well-formed input is what is read here', async () => {
  const options = fc.record({
    delimiter: fc.constantFrom(',', '\t', ';', '|', '€'),
    quote: fc.constantFrom('"', "'"),
    lineEnding: fc.constantFrom('\n', '\r\n', '\r'),
    final: fc.boolean(),
  });
  const input = fc
    .tuple(
      options,
      anyWidth.map(width => width + 1),
    )
    .chain(([how, width]) =>
      fc.record({
        how: fc.constant(how),
        width: fc.constant(width),
        rows: fc.array(fc.array(wellFormedField(how), { minLength: width, maxLength: width }), {
          minLength: 1,
          maxLength: 8,
        }),
        cuts: anyCuts,
      }),
    );
  await fc.assert(
    fc.asyncProperty(input, async ({ how, width, rows, cuts }) => {
      const { delimiter, quote, lineEnding, final } = how;
      const text = rows.map(row => row.join(delimiter)).join(lineEnding) + (final ? lineEnding : '');
      const dialect = csvDialect('csv', { delimiter, quote });
      const found = scanCsv(text, width, { dialect, cuts });
      assert.deepEqual(found.malformed, []);
      const expected = await fastCsv(text, delimiter, quote);
      assert.deepEqual(
        found.records.map(record => record.map(value => value ?? '')),
        expected,
      );
    }),
    { numRuns: 1000 },
  );
});

test('what is written is read again: strings of any kind and nulls', () => {
  const value = fc.option(
    fc.oneof(
      fc.string({ unit: anyCharacter, maxLength: 12 }),
      fc.constantFrom('', 'NULL', '\\N', '\ufeffx', '\\.'),
    ),
  );
  const rows = anyWidth.chain(width =>
    fc.array(fc.array(value, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 10 }),
  );
  fc.assert(
    fc.property(rows, fc.constantFrom(...quotingDialects), fc.boolean(), (values, dialect, header) => {
      const width = values[0]!.length;
      const into = new GrowingBuffer();
      const encoder = new CsvEncoder(columns(width), dialect, { header, escapeFormulas: false });
      assert.deepEqual(encoder.encode({ form: 'rows', count: values.length, rows: values }, into), []);
      assert.ok(!into.text().startsWith('\ufeff'), 'no mark at the beginning');
      const found = scanCsv(into.text(), width, { dialect });
      assert.deepEqual(found.malformed, []);
      assert.deepEqual(found.records, values);
      const same = objects(values);
      const again = new GrowingBuffer();
      assert.deepEqual(encoder.encode(same, again), []);
      assert.equal(again.text(), into.text());
    }),
    { numRuns: 2000 },
  );
});

const kernels = [new WriteKernel(), new WriteKernel(8)];

test('copied or read and written: values stay, and the bytes do not depend on the batches', () => {
  const how = fc.record({
    target: fc.constantFrom(...quotingDialects),
    same: fc.boolean(),
    header: fc.boolean(),
    from: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
    limit: fc.integer({ min: 1, max: 4 }),
  });
  fc.assert(
    fc.property(messy, how, ({ dialect, text, width }, { target, same, header, from, limit }) => {
      const selected = from.map(index => index % width);
      const to = same ? dialect : target;
      const encoder = (kernel: WriteKernel | null) => {
        const options = { header, escapeFormulas: false, source: dialect };
        return new CsvEncoder(selected.map(column), to, options, () => kernel);
      };
      const { output, refused } = convert(text, width, dialect, encoder(null), 1e9);
      for (const kernel of kernels) {
        assert.equal(convert(text, width, dialect, encoder(kernel), limit, '"\n,"').output, output);
      }
      if (refused > 0) {
        assert.ok(to.quote < 0, 'only a dialect without quotes refuses');
        return;
      }
      const expected = scanCsv(text, width, { dialect }).records.map(record => selected.map(c => record[c]!));
      const found = scanCsv(output, selected.length, { dialect: to });
      assert.deepEqual(found.malformed, []);
      assert.deepEqual(found.records, expected);
    }),
    { numRuns: 3000 },
  );
});

function rowByRow(text: string, width: number, dialect: CsvDialect) {
  const bytes = Buffer.from(text);
  const found = { records: [] as (string | null)[][], malformed: 0, innerLines: 0, blankLines: 0 };
  for (let at = 0; at < bytes.length; ) {
    const { fields, nulls, next, innerLines, problem } = scanRow(bytes, at, bytes.length, dialect, true)!;
    const blank = /^[\r\n]/.test(bytes.toString('latin1', at, at + 1));
    at = next;
    if (blank && width > 1) {
      found.blankLines++;
      continue;
    }
    found.innerLines += innerLines;
    if (problem !== null || fields.length !== width) found.malformed++;
    else found.records.push(fields.map((field, i) => (nulls[i] ? null : field)));
  }
  return found;
}

function skip(bytes: Buffer, from: number, cuts: readonly number[], dialect: CsvDialect) {
  const scanner = new CsvScanner(dialect, 1);
  const state = { value: 0, lines: 0 };
  const ends = [...cuts.filter(cut => cut > from && cut < bytes.length).sort((a, b) => a - b), bytes.length];
  let at = from;
  for (const end of ends) {
    const behind = scanner.skip(bytes, at, end, state);
    if (behind >= 0) return { end: behind, lines: state.lines };
    at = end;
  }
  return { end: -1, lines: state.lines };
}

/** A field as it stands in a file. Without what fast-csv trims or takes for blank although it is told not to: spaces before a quote, fields of spaces. */
function wellFormedField({ delimiter, quote }: { delimiter: string; quote: string }): fc.Arbitrary<string> {
  const text = fc.array(
    fc.constantFrom('a', ' ', '\t', 'é', '😀', '\n', '\r\n', '\r', delimiter, quote, '\\', '0'),
    { maxLength: 8 },
  );
  return fc.oneof(
    text.map(parts => quote + parts.join('').replaceAll(quote, quote + quote) + quote),
    text.map(parts => `x${parts.filter(part => part !== delimiter && !/[\r\n]/.test(part)).join('')}`),
    fc.constant(''),
  );
}

function fastCsv(text: string, delimiter: string, quote: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString<string[], string[]>(text, { headers: false, delimiter, quote, escape: quote })
      .on('error', reject)
      .on('data', row => rows.push(row))
      .on('end', () => resolve(rows));
  });
}

/** Scans and encodes, batch by batch. */
function convert(
  text: string,
  width: number,
  dialect: CsvDialect,
  encoder: CsvEncoder,
  limit: number,
  behind = '',
) {
  const bytes = Buffer.from(text + behind);
  const end = bytes.length - behind.length;
  const scanner = new CsvScanner(dialect, width);
  const table = new RecordTable(width);
  const into = new GrowingBuffer();
  let refused = 0;
  for (let at = 0, before = -1; before < at; ) {
    before = at;
    table.clear(limit, bytes.length);
    at = scanner.scan(bytes, at, end, true, table);
    refused += encoder.encode(recordsOf(table, bytes, scanner), into).length;
  }
  return { output: into.text(), refused };
}

function objects(rows: readonly (readonly (string | null)[])[]): Records {
  const list = rows.map(row => Object.fromEntries(row.map((value, i) => [`c${i}`, value])) as RecordObject);
  return { form: 'objects', count: list.length, objects: list };
}

function columns(width: number): OutputColumn[] {
  return Array.from({ length: width }, (_, i) => column(i));
}

function column(from: number): OutputColumn {
  return { name: `c${from}`, type: 'text', declared: false, from };
}
