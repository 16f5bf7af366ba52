import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import {
  csvDialect,
  type DialectOptions,
  defaultDialect,
  sameDialect,
} from '#tranche/formats/csv/dialect.js';

test('the usual dialects', () => {
  assert.deepEqual(defaultDialect('csv'), {
    delimiter: Buffer.from(','),
    quote: 0x22,
    escape: 0x22,
    nullText: '',
  });
  assert.deepEqual(defaultDialect('tsv'), {
    delimiter: Buffer.from('\t'),
    quote: 0x22,
    escape: 0x22,
    nullText: '',
  });
});

test('parts as a person writes them', () => {
  assert.deepEqual(csvDialect('csv', { delimiter: '\\t' }), defaultDialect('tsv'));
  assert.deepEqual(csvDialect('csv', { delimiter: '€' }).delimiter, Buffer.from('€'));
  assert.equal(csvDialect('csv', { quote: "'" }).escape, 0x27, 'the escape follows the quote');
  assert.equal(csvDialect('csv', { escape: '\\' }).escape, 0x5c);
  assert.deepEqual(
    [csvDialect('csv', { quote: '' }).quote, csvDialect('csv', { quote: '' }).escape],
    [-1, -1],
  );
});

test('a dialect that could not be read back is a mistake, which names the option', () => {
  const wrong: [DialectOptions, RegExp][] = [
    [{ delimiter: ',,' }, /--delimiter takes one character, not ",,"/],
    [{ delimiter: '' }, /--delimiter takes one character/],
    [{ delimiter: '\n' }, /--delimiter/],
    [{ delimiter: '"' }, /--delimiter and --quote have to be different characters, and both are "\\""/],
    [{ quote: ',' }, /--quote/],
    [{ quote: '\r' }, /--quote/],
    [{ quote: '«' }, /--quote takes one ASCII character, not "«"/],
    [{ escape: ',' }, /--escape/],
    [{ escape: '\n' }, /--escape/],
    [{ quote: '', escape: '\\' }, /--escape takes a quote/],
    [{ nullText: 'a,b' }, /--null/],
    [{ nullText: 'a\nb' }, /--null/],
    [{ nullText: '"NULL"' }, /--null/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => csvDialect('csv', options),
      error => error instanceof TrancheError && error.code === 'usage' && message.test(error.message),
      JSON.stringify(options),
    );
  }
});

test('dialects are the same if all their parts are', () => {
  assert.equal(sameDialect(defaultDialect('csv'), csvDialect('csv')), true);
  for (const options of [{ delimiter: ';' }, { quote: "'" }, { escape: '\\' }, { nullText: 'NULL' }]) {
    assert.equal(sameDialect(defaultDialect('csv'), csvDialect('csv', options)), false);
  }
});
