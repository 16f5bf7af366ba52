import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { numberOf, parseLossless } from '#tranche/formats/lossless.js';
import { anyCharacter } from '../helpers/any-character.js';

test('numbers keep their value', () => {
  assert.equal(numberOf('9007199254740991'), 9007199254740991);
  assert.equal(numberOf('9007199254740992'), 9007199254740992n);
  assert.equal(numberOf('-9007199254740993'), -9007199254740993n);
  assert.equal(numberOf('1.10'), 1.1);
  assert.equal(numberOf('1e5'), 100000);
  assert.equal(numberOf('1E+2'), 100);
  assert.equal(numberOf('1e400'), '1e400');
  assert.equal(numberOf('1e-400'), '1e-400');
  assert.equal(numberOf('0e400'), 0);
  assert.equal(numberOf('0.1234567890123456789'), '0.1234567890123456789');
  assert.equal(numberOf('0.12345678901234560000'), 0.1234567890123456);
  assert.equal(numberOf('12345678901234567890.5'), '12345678901234567890.5');
  assert.ok(Object.is(numberOf('-0'), -0));
});

test('the double of every literal is exact, or the literal stays', () => {
  const literal = fc
    .tuple(
      fc.constantFrom('', '-'),
      fc.bigInt({ min: 0n, max: 10n ** 20n }),
      fc.option(fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 20 }), {
        nil: undefined,
      }),
      fc.option(fc.integer({ min: -330, max: 330 }), { nil: undefined }),
    )
    .map(
      ([sign, whole, part, exponent]) =>
        `${sign}${whole}${part === undefined ? '' : `.${part}`}${exponent === undefined ? '' : `e${exponent}`}`,
    );
  fc.assert(
    fc.property(literal, text => {
      const value = numberOf(text);
      assert.deepEqual(fractionOf(String(value)), fractionOf(text));
      if (typeof value !== 'string' || !Number.isFinite(Number(text))) return;
      assert.notDeepEqual(fractionOf(String(Number(text))), fractionOf(text));
    }),
    { numRuns: 1000 },
  );
});

test('JSON is parsed as JSON.parse does where that loses nothing', () => {
  const text = '{"__proto__":{"a":1},"b":[1e2,"\\u00e9\\"",[],{},{"":null}],"b":true,"c" : [ 1 , -2.5 ]}';
  // A risky literal in the same text makes the careful reader take over.
  const careful = parseLossless(`[${text},1234567890123456789]`) as unknown[];
  assert.deepEqual(careful, [JSON.parse(text), 1234567890123456789n]);
  assert.ok(Object.hasOwn(careful[0] as object, '__proto__'));
  assert.deepEqual(parseLossless(text), JSON.parse(text));
  assert.throws(() => parseLossless('[1e400'), SyntaxError);
});

test('any JSON is parsed as JSON.parse does, numbers apart', () => {
  const value = fc.jsonValue({ depthSize: 'small', stringUnit: anyCharacter as fc.Arbitrary<never> });
  fc.assert(
    fc.property(value, fc.constantFrom(undefined, 1, '\t'), (json, indent) => {
      const text = JSON.stringify([json, 0], null, indent);
      const careful = parseLossless(text.replace(/0(?=\s*\]$)/, '10000000000000000')) as unknown[];
      assert.equal(careful[1], 10000000000000000n);
      assert.equal(JSON.stringify(careful[0], withoutBigInt), JSON.stringify(json));
    }),
  );
});

function withoutBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** The value of a literal as a fraction in lowest terms of ten. */
function fractionOf(literal: string): unknown {
  const [mantissa = '', exponent = '0'] = literal.toLowerCase().split('e');
  const [whole = '', part = ''] = mantissa.split('.');
  let digits = BigInt(whole.replace('-', '') + part);
  let power = Number(exponent) - part.length;
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    power++;
  }
  return digits === 0n ? 0 : [literal.startsWith('-'), digits, power];
}
