import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { OutputColumn } from '#tranche/core/columns.js';
import { cellText } from '#tranche/formats/cells.js';
import { decodeAll, decoderOf } from '#tranche/formats/decode.js';
import { NdjsonEncoder } from '#tranche/formats/ndjson/writer.js';
import { recordObjectFromJson } from '#tranche/formats/objects.js';
import { anyCharacter } from '../helpers/any-character.js';
import { type CsvCell, csvRecords } from '../helpers/csv-records.js';
import { GrowingBuffer } from '../helpers/growing-buffer.js';
import { scanJson, valuesOf } from '../helpers/scan-json.js';

const text = fc.string({ unit: anyCharacter, maxLength: 12 });
const key = fc.oneof(fc.constantFrom('a', 'b', 'delay', '__proto__', ''), text);
const number = fc.oneof(
  fc.constantFrom('0', '-0', '1.10', '1e400', '-1E-400', '9007199254740993', '0.1234567890123456789', '1e5'),
  fc.integer().map(String),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map(value => (Object.is(value, -0) ? '-0' : String(value))),
);
const space = fc.constantFrom('', '', '', ' ', '\t', '\r', '  ');

/** A string as JSON, some of its characters needlessly escaped. */
const jsonString = fc.tuple(text, fc.boolean()).map(([value, escapes]) => {
  const plain = JSON.stringify(value);
  return escapes
    ? plain.replace(/[a-z]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
    : plain;
});

const { json, members } = fc.letrec<{ json: string; members: string }>(tie => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    jsonString,
    fc.constantFrom('true', 'false', 'null'),
    fc
      .tuple(fc.array(tie('json'), { maxLength: 3 }), space)
      .map(([items, gap]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    tie('members'),
  ),
  members: fc
    .tuple(
      fc.array(
        fc.tuple(
          fc.oneof(
            key.map(k => JSON.stringify(k)),
            jsonString,
          ),
          tie('json'),
        ),
        { maxLength: 4 },
      ),
      space,
    )
    .map(([pairs, gap]) => `{${gap}${pairs.map(([k, v]) => `${k}${gap}:${gap}${v}${gap}`).join(`,${gap}`)}}`),
}));

/** JSON with something changed, mostly no longer valid. Line feeds would cut it in two. */
const mutated = fc
  .tuple(
    members,
    fc.nat(),
    fc.nat({ max: 2 }),
    fc.constantFrom(...'{}[]",:\\0123456789.eE+-tfnul \t\u0001xé'),
  )
  .map(([valid, at, cut, insert]) => {
    const characters = [...valid];
    characters.splice(at % (characters.length + 1), cut, insert);
    return characters.join('');
  });

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

test('a line is a record if and only if JSON.parse takes it for an object', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(json, members, mutated), { maxLength: 6 }), lines => {
      const input = lines.filter(line => line.trim() !== '');
      const { texts, table } = scanJson(input.join('\n'));
      const good = input.filter(line => isObject(parsed(line)));
      assert.deepEqual(
        texts,
        good.map(line => line.replace(/\r$/, '')),
      );
      const bad = input.filter(line => !isObject(parsed(line)));
      assert.deepEqual(
        table.malformed.map(({ reason }) => reason),
        bad.map(line => (parsed(line) === undefined ? 'invalid_json' : 'not_an_object')),
      );
    }),
    { numRuns: 1000 },
  );
});

test('cells have the values of JSON.parse, and a line that does not is set aside', () => {
  const columns = ['a', '__proto__', 'b', ''];
  const record = fc.oneof(
    members,
    mutated,
    fc
      .array(fc.tuple(fc.constantFrom(...columns), json), { maxLength: 5 })
      .map(pairs => `{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${v}`)}}`),
  );
  fc.assert(
    fc.property(fc.array(record, { maxLength: 6 }), lines => {
      const scanned = scanJson(lines.join('\n'), columns);
      const expected = lines
        .map(line => parsed(line))
        .filter(value => isObject(value) && Object.keys(value as object).every(k => columns.includes(k)))
        .map(value =>
          columns.map(name =>
            Object.hasOwn(value as object, name) ? (value as Record<string, unknown>)[name] : null,
          ),
        );
      assert.deepEqual(doubled(valuesOf(scanned)), doubled(expected));
    }),
    { numRuns: 1000 },
  );
});

test('any cut of the bytes gives the same records', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(members, mutated, fc.constant(' ')), { maxLength: 6 }),
      fc.constantFrom('\n', '\r\n'),
      fc.array(fc.nat(), { maxLength: 6 }),
      fc.constantFrom([], ['a', 'b', 'delay', '__proto__', '']),
      (lines, ending, places, columns) => {
        const input = Buffer.from(lines.join(ending));
        const cuts = places.map(place => place % (input.length + 1)).toSorted((a, b) => a - b);
        const whole = scanJson(input, columns);
        const pieces = scanJson(input, columns, { cuts });
        assert.deepEqual(pieces.texts, whole.texts);
        assert.deepEqual(pieces.faults, whole.faults);
        assert.deepEqual(pieces.table.malformed, whole.table.malformed);
        assert.deepEqual(pieces.table.blankLines, whole.table.blankLines);
        assert.deepEqual(valuesOf(pieces), valuesOf(whole));
      },
    ),
    { numRuns: 500 },
  );
});

test('CSV to NDJSON and back gives the same text, numbers with the same digits', () => {
  const cell: fc.Arbitrary<CsvCell> = fc.oneof(
    number,
    fc.constant(null),
    text.map(value => ({ quoted: value.replaceAll('"', '""') })),
  );
  const types = fc.array(
    fc.constantFrom('integer', 'real', 'decimal', 'boolean', 'date', 'timestamp', 'text'),
    {
      minLength: 1,
      maxLength: 5,
    },
  );
  fc.assert(
    fc.property(
      types.chain(all =>
        fc.tuple(
          fc.constant(all),
          fc.array(fc.tuple(...all.map(() => cell)), { minLength: 1, maxLength: 5 }),
        ),
      ),
      ([all, rows]) => {
        const columns = all.map(
          (type, from) => ({ name: `c${from}`, type, declared: false, from }) as OutputColumn,
        );
        const into = new GrowingBuffer();
        assert.deepEqual(new NdjsonEncoder(columns).encode(csvRecords(rows), into), []);
        const names = columns.map(({ name }) => name);
        const { records, faults } = scanJson(into.text(), names);
        assert.deepEqual(faults, []);
        for (const [i, cell] of rows.flat().entries()) assert.equal(cellText(records, i), plainText(cell));
        assert.equal(records.count, rows.length);
      },
    ),
    { numRuns: 500 },
  );
});

test('NDJSON through objects keeps every value', () => {
  fc.assert(
    fc.property(fc.array(members, { minLength: 1, maxLength: 5 }), lines => {
      const { records } = scanJson(lines.join('\n'));
      const objects = lines.map((_, i) => recordObjectFromJson(records, i));
      const into = new GrowingBuffer();
      const refusals = new NdjsonEncoder([]).encode(
        { form: 'objects', count: objects.length, objects },
        into,
      );
      assert.deepEqual(refusals, []);
      const written = into.text().trimEnd().split('\n');
      assert.deepEqual(
        written.map((_, i) => recordObjectFromJson(scanJson(into.text()).records, i)),
        objects,
      );
      assert.deepEqual(doubled(objects), doubled(lines.map(parsed)));
    }),
    { numRuns: 300 },
  );
});

test('NDJSON to NDJSON by columns keeps the bytes of every cell', () => {
  const names = ['a', '__proto__', 'é"'];
  const columns = names.map((name, from) => ({ name, type: 'text', declared: false, from }) as OutputColumn);
  fc.assert(
    fc.property(fc.array(fc.tuple(json, json, json), { minLength: 1, maxLength: 5 }), rows => {
      const lines = rows.map(
        row => `{${row.map((value, i) => `${JSON.stringify(names[i])}:${value}`).join()}}\n`,
      );
      const { records } = scanJson(lines.join(''), names);
      const into = new GrowingBuffer();
      new NdjsonEncoder(columns).encode(records, into);
      assert.equal(into.text(), lines.join(''));
      const raw = new GrowingBuffer();
      new NdjsonEncoder([]).encode(scanJson(lines.join('')).records, raw);
      assert.equal(raw.text(), lines.join(''));
      assert.deepEqual(
        decodeAll(decoderOf(columns), records).map(object => Object.keys(object)),
        rows.map(() => names),
      );
    }),
    { numRuns: 300 },
  );
});

/** Values with every number, and every string that could be one, as the double next to it. */
function doubled(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string' && /^-?[0-9.]+(e[-+]?[0-9]+)?$/i.test(value)) return Number(value);
  if (Array.isArray(value)) return value.map(doubled);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value as object).map(([k, member]) => [k, doubled(member)]));
}

function plainText(cell: CsvCell): string | null {
  return typeof cell === 'object' && cell !== null ? cell.quoted.replaceAll('""', '"') : cell;
}
