import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BatchBody, type BodyFormat, linesOf, recordIndexOf } from '#tranche/targets/batch-body.js';
import type { TargetContext } from '#tranche/targets/target-kind.js';
import { csvRecords } from '../helpers/csv-records.js';
import { columnsOf, objectRecords } from '../helpers/target-calls.js';
import { Sink } from '../helpers/workplace.js';

const context: TargetContext = {
  options: {},
  stdout: new Sink(),
  sourceFormat: 'csv',
  reshaped: false,
  timeout: 60_000,
  report: () => undefined,
};
const columns = columnsOf('id:integer', 'name');
const records = csvRecords([
  ['9007199254740993', { quoted: 'a,b' }],
  ['2', { quoted: 'two\nlines' }],
]);

function body(format: BodyFormat, of = columns): BatchBody {
  return new BatchBody(format, of, context);
}

test('a batch as one JSON array, digits as they were read', () => {
  const { content, count } = body('json').encode(records);
  assert.equal(content.toString(), '[{"id":9007199254740993,"name":"a,b"},{"id":2,"name":"two\\nlines"}]');
  assert.equal(count, 2);
});

test('a batch as lines of JSON', () => {
  const { content } = body('ndjson').encode(records);
  assert.deepEqual(Array.from(linesOf(content), String), [
    '{"id":9007199254740993,"name":"a,b"}',
    '{"id":2,"name":"two\\nlines"}',
  ]);
});

test('every batch of CSV has its header', () => {
  const csv = body('csv');
  for (let i = 0; i < 2; i++)
    assert.equal(csv.encode(records).content.toString(), 'id,name\n9007199254740993,"a,b"\n2,"two\nlines"\n');
});

test('what a batch was encoded to stays as it is while the next ones are encoded', () => {
  const json = body('json');
  const { content } = json.encode(objectRecords({ id: 1 }));
  json.encode(objectRecords({ id: 2 }));
  assert.equal(content.toString(), '[{"id":1}]');
});

test('nothing is made of nothing', () => {
  for (const format of ['json', 'ndjson', 'csv'] as const)
    assert.equal(body(format).encode(objectRecords()).content.length, 0);
});

test('records that do not fit are left out, and the others keep their numbers', () => {
  const mixed = csvRecords([
    ['x', 'a'],
    ['1', 'b'],
    ['y', 'c'],
    ['2', 'd'],
  ]);
  const encoded = body('json', columnsOf('id:integer!', 'name')).encode(mixed);
  assert.equal(encoded.content.toString(), '[{"id":1,"name":"b"},{"id":2,"name":"d"}]');
  assert.deepEqual(
    encoded.refused.map(({ index }) => index),
    [0, 2],
  );
  assert.deepEqual(
    [0, 1].map(sent => recordIndexOf(sent, encoded)),
    [1, 3],
  );
});
