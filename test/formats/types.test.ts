import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ColumnType } from '#tranche/core/columns.js';
import { CellKind } from '#tranche/core/records.js';
import { shortNumber } from '#tranche/formats/numbers.js';
import { fits, TypeInference } from '#tranche/formats/types.js';

/** Asks with other bytes on both sides, which must not matter. */
function fit(type: ColumnType, text: string): boolean {
  const bytes = Buffer.from(`1-${text}0e1`);
  return fits(type, bytes, 2, bytes.length - 3);
}

const examples: Record<ColumnType, { yes: string[]; no: string[] }> = {
  integer: {
    yes: [
      '0',
      '7',
      '-1',
      '9007199254740993',
      '9223372036854775807',
      '-9223372036854775808',
      '999999999999999999',
    ],
    no: [
      '',
      '-',
      '-0',
      '+1',
      '00',
      '00501',
      '-01',
      '1.0',
      '1e3',
      ' 1',
      '1 ',
      '9223372036854775808',
      '-9223372036854775809',
      '99999999999999999999',
      '1_000',
      '٣',
    ],
  },
  real: {
    yes: [
      '0.5',
      '-0.5',
      '12.25',
      '0',
      '-3',
      '9007199254740992',
      '0.1',
      '1.7976931348623157e+308',
      '0.000001',
      '1e-7',
      '1e+21',
      '123456.789012345',
    ],
    no: [
      '',
      '1.10',
      '1.0',
      '-0',
      '-0.0',
      '0.0',
      '1e400',
      '0.1234567890123456789',
      '1e5',
      '1E+21',
      '.5',
      '5.',
      '9007199254740993',
      '0.0000001',
      'Infinity',
      'NaN',
      '00.5',
      '1.5.5',
    ],
  },
  decimal: {
    yes: [
      '1.10',
      '1e400',
      '-0',
      '-0.0',
      '1E5',
      '1e-7',
      '0.1234567890123456789',
      '123456789012345678901234567890',
    ],
    no: ['', '-', '.5', '5.', '00.5', '01', '1e', '1e+', '+1', '0x10', 'NaN', '1 ', '1.2.3', '1e5.5'],
  },
  boolean: { yes: ['true', 'false'], no: ['', 'True', 'TRUE', '1', 'yes', 'true ', 'tru', 'fals', 'falsee'] },
  date: {
    yes: ['2024-02-29', '2000-02-29', '1999-12-31', '0001-01-01', '9999-12-31'],
    no: [
      '',
      '2023-02-29',
      '1900-02-29',
      '2024-04-31',
      '2024-13-01',
      '2024-00-10',
      '2024-01-00',
      '0000-01-01',
      '2024-1-1',
      '20240101',
      '2024/01/01',
      '2024-01-01 ',
      '2024-01-01 00:00',
    ],
  },
  timestamp: {
    yes: ['2001-01-01 00:01', '2001-01-01T00:01', '2001-01-01 00:01:59', '2001-01-01 23:59:59.123456789'],
    no: [
      '',
      '2001-01-01T00:01:00Z',
      '2001-01-01 00:01:00+02',
      '2001-01-01',
      '2001-01-01 24:00',
      '2001-01-01 00:60',
      '2001-01-01 00:00:60',
      '2001-02-30 00:00',
      '2001-01-01  00:00',
      '2001-01-01t00:00',
      '2001-01-01 00:00:',
      '2001-01-01 00:00:00.',
      '2001-01-01 00:00:00z',
      '2001-01-01 00:00 Z',
      '2001-01-01 00:00+2',
      '2001-01-01 00:00+25',
      '2001-01-01 00:00+02:',
      '2001-01-01 00:00+02:60',
      '2001-01-01 00:00.5',
      '2001-01-01 0:00',
    ],
  },
  timestamptz: {
    yes: [
      '2001-01-01T00:01:00Z',
      '2001-01-01 00:01:00+02',
      '2001-01-01 00:01+0230',
      '2001-01-01 00:01:00.5-02:30',
      '2001-01-01 00:01Z',
    ],
    no: [
      '',
      'Z',
      '2001-01-01',
      '2001-01-01Z',
      '2001-01-01 00:01',
      '2001-01-01 24:00Z',
      '2001-02-30 00:00Z',
      '2001-01-01 00:00:00z',
      '2001-01-01 00:00 Z',
      '2001-01-01 00:00+2',
      '2001-01-01 00:00+25',
      '2001-01-01 00:00+02:',
      '2001-01-01 00:00+02:60',
      '2001-01-01 00:00.5Z',
    ],
  },
  binary: { yes: ['', '00', 'fF', '\\x', '\\x00ff'], no: ['0', 'xx', '\\x0', '\\X00', ' 00', '00 '] },
  json: { yes: ['{}', '[]', ' {"a": [1]} '], no: ['', '1', '"x"', 'null', '{', '{a:1}'] },
  text: { yes: ['', 'anything', '\u{1f600}'], no: [] },
};

for (const [type, { yes, no }] of Object.entries(examples) as [
  ColumnType,
  { yes: string[]; no: string[] },
][]) {
  test(`${type}: what fits and what does not`, () => {
    for (const text of yes) assert.equal(fit(type, text), true, `${JSON.stringify(text)} fits ${type}`);
    for (const text of no)
      assert.equal(fit(type, text), false, `${JSON.stringify(text)} does not fit ${type}`);
  });
}

const numberLike = fc.oneof(
  fc.double().map(String),
  fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
  fc.string({ unit: fc.constantFrom(...'0123456789.-+eE'), maxLength: 22 }),
  fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.nat({ max: 9999 }),
      fc.string({ unit: fc.constantFrom(...'019'), maxLength: 18 }),
    )
    .map(([sign, whole, fraction]) => `${sign}${whole}.${fraction}`),
);

test('numbers fit as regular expressions and doubles have it', () => {
  fc.assert(
    fc.property(numberLike, text => {
      const literal = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$/.test(text);
      assert.equal(fit('decimal', text), literal);
      assert.equal(fit('real', text), literal && String(Number(text)) === text);
      const integer = /^(0|-?[1-9][0-9]*)$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
      assert.equal(fit('integer', text), integer);
    }),
    { numRuns: 2000 },
  );
});

test('a short number literal is the double next to it', () => {
  fc.assert(
    fc.property(numberLike, text => {
      if (!fit('decimal', text)) return;
      const number = shortNumber(Buffer.from(text), 0, text.length);
      if (!Number.isNaN(number)) assert.ok(Object.is(number, Number(text)), text);
      else assert.ok(/e/i.test(text) || text.length > 15, text);
    }),
    { numRuns: 2000 },
  );
});

test('every day of the calendar is a date, and no other', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 9999 }),
      fc.nat({ max: 13 }),
      fc.nat({ max: 32 }),
      (year, month, day) => {
        const text = [
          String(year).padStart(4, '0'),
          String(month).padStart(2, '0'),
          String(day).padStart(2, '0'),
        ].join('-');
        const date = new Date(`${text}T00:00:00Z`);
        const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
        assert.equal(fit('date', text), exists, text);
      },
    ),
    { numRuns: 1000 },
  );
});

/** The type inferred from cells of CSV; null has no value. */
function inferred(...values: (string | null)[]): ColumnType | undefined {
  const inference = new TypeInference(1);
  for (const value of values) {
    if (value === null) inference.null(0);
    else inference.add(0, Buffer.from(value), 0, Buffer.byteLength(value));
  }
  return inference.types()[0];
}

test('inference takes the narrowest type that all values fit', () => {
  assert.equal(inferred('1', '-2', '9223372036854775807'), 'integer');
  assert.equal(inferred('1', '0.5'), 'real');
  assert.equal(inferred('1', '1.10'), 'decimal');
  assert.equal(inferred('0.5', '9007199254740993'), 'decimal');
  assert.equal(inferred('9223372036854775808'), 'decimal');
  assert.equal(inferred('1e400'), 'decimal');
  assert.equal(inferred('1', '00501'), 'text');
  assert.equal(inferred('true', 'false'), 'boolean');
  assert.equal(inferred('true', '1'), 'text');
  assert.equal(inferred('2024-01-01'), 'date');
  assert.equal(inferred('2024-01-01 10:00'), 'timestamp');
  assert.equal(inferred('2024-01-01 10:00+02'), 'timestamptz');
  assert.equal(inferred('2024-01-01 10:00', '2024-01-01 10:00Z'), 'text');
  assert.equal(inferred('00', 'ff'), 'text');
  assert.equal(inferred('2024-01-01', '2024-01-01 10:00'), 'text');
  assert.equal(inferred('{}'), 'text');
  assert.equal(inferred('1', ''), 'text');
});

test('a cell without value says nothing; a column without any is text', () => {
  assert.equal(inferred(null, '1', null), 'integer');
  assert.equal(inferred(null), 'text');
  assert.equal(inferred(), 'text');
});

/** The type inferred from values of JSON. */
function inferredJson(...values: [kind: number, text: string][]): ColumnType | undefined {
  const inference = new TypeInference(1);
  for (const [kind, text] of values)
    inference.addJson(0, kind, Buffer.from(text), 0, Buffer.byteLength(text));
  return inference.types()[0];
}

test('a string of JSON is never a number or a boolean', () => {
  const { quoted, escaped, number, literal, nested } = CellKind;
  assert.equal(inferredJson([number, '5']), 'integer');
  assert.equal(inferredJson([quoted, '5']), 'text');
  assert.equal(inferredJson([number, '5'], [quoted, '5']), 'text');
  assert.equal(inferredJson([quoted, 'true']), 'text');
  assert.equal(inferredJson([literal, 'true'], [CellKind.null, 'null']), 'boolean');
  assert.equal(inferredJson([quoted, '2024-01-01']), 'date');
  assert.equal(inferredJson([escaped, '\\u0032024-01-01']), 'text');
  assert.equal(inferredJson([nested, '{}'], [nested, '[1]']), 'json');
  assert.equal(inferredJson([nested, '{}'], [number, '1']), 'text');
  assert.equal(inferredJson([CellKind.null, 'null']), 'text');
});
