import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentName } from '#tranche/cli/flags.js';
import { displayDefaults, displayOptions } from '#tranche/cli/options.js';
import { flagOf, type Option, optionGroups } from '#tranche/core/options.js';
import { copyDefaults, copyOptions, fixedOptions } from '#tranche/options.js';

const all: Readonly<Record<string, Option<unknown>>> = { ...copyOptions, ...displayOptions };
const defaults: Readonly<Record<string, unknown>> = { ...copyDefaults, ...displayDefaults };

test('the default in words is the default in use', async () => {
  for (const [name, value] of Object.entries(defaults)) {
    const { fallback, parse } = all[name]!;
    const [word = ''] = (fallback ?? '').split(/[;:] /);
    assert.deepEqual(await parse(word), value, name);
  }
});

test('every option can be told from the others', () => {
  const flags = Object.entries(all).map(([name, option]) => flagOf(name, option));
  assert.equal(new Set(flags).size, flags.length);
  assert.equal(flagOf('batchSize', all['batchSize']!), '--batch-size');
  assert.equal(flagOf('checkpoint', all['checkpoint']!), '--no-checkpoint');
  assert.equal(environmentName('batchSize', all['batchSize']!), 'TRANCHE_BATCH_SIZE');
  assert.equal(environmentName('header', all['header']!), 'TRANCHE_NO_HEADER');
});

test('every option has a line of help and a group', () => {
  for (const [name, { summary, group, value, negative }] of Object.entries(all)) {
    assert.ok(summary.length > 5 && summary.length < 75, name);
    assert.ok(optionGroups.includes(group), name);
    assert.ok(!(negative && value), name);
  }
});

test('options that change what is written are fixed, those that do not are free', () => {
  for (const name of ['select', 'types', 'transform', 'null', 'delimiter', 'mode', 'skip', 'encoding']) {
    assert.ok((fixedOptions as readonly string[]).includes(name), name);
  }
  for (const name of ['batchSize', 'retries', 'rate', 'limit', 'maxErrors', 'resume']) {
    assert.ok(!(fixedOptions as readonly string[]).includes(name), name);
  }
});

const good: readonly (readonly [keyof typeof copyOptions, string, unknown])[] = [
  ['maxErrors', '10', { count: 10 }],
  ['maxErrors', '0.5%', { percent: 0.5 }],
  ['maxErrors', '100%', { percent: 100 }],
  ['rate', '500/s', 500],
  ['rate', '6,000/m', 100],
  ['rateBytes', '10MiB/s', 10 * 1024 * 1024],
  ['batchSize', '10_000', 10_000],
  ['batchBytes', '8MiB', 8 * 1024 * 1024],
  ['maxDuration', '1h30m', 5_400_000],
  ['select', 'a,"b, c",d', ['a', 'b, c', 'd']],
  ['select', 'a,"say ""x"""', ['a', 'say "x"']],
  ['rename', 'a=b,c=d', { a: 'b', c: 'd' }],
  ['rename', 'a=b=c', { a: 'b=c' }],
  ['types', 'text', { others: 'text', declared: {} }],
  ['types', 'id:integer,"a:b:text"', { others: 'infer', declared: { id: 'integer', 'a:b': 'text' } }],
  ['delimiter', '\\t', '\t'],
  ['delimiter', ';', ';'],
  ['delimiter', '€', '€'],
  ['quote', 'none', ''],
  ['job', 'nightly-2.1', 'nightly-2.1'],
];

for (const [name, text, value] of good) {
  test(`${name} takes ${text}`, async () => {
    assert.deepEqual(await copyOptions[name].parse(text), value);
  });
}

const bad: readonly (readonly [keyof typeof copyOptions, readonly string[]])[] = [
  ['maxErrors', ['-1', '101%', 'all', '1.5', '']],
  ['rate', ['5', '0/s', '/s', '5/h', '5/ms', 'x/s']],
  ['rateBytes', ['5', '0B/s', '/s', 'MiB/s']],
  ['batchSize', ['0', '-1', '1.5', '1e3', '9007199254740993', '']],
  ['batchBytes', ['0', '8XB', '']],
  ['timeout', ['0s', '5', '-5s', '']],
  ['select', ['', 'a,,b', 'a\nb']],
  ['rename', ['a', '=b', 'a=', '']],
  ['types', ['id', 'id:nope', ':text', 'Infer']],
  ['delimiter', ['', ',,', '\n', '\r', '\0', '\ud800']],
  ['job', ['', '..', '../x', 'a/b', '-x', 'a b', 'x'.repeat(101)]],
  ['onChange', ['stop', '']],
  ['maxRecordBytes', ['0', '1GiB']],
  ['stateDir', ['', 'a\0b']],
];

for (const [name, texts] of bad) {
  test(`${name} says what it takes instead of ${texts.join(' | ')}`, async () => {
    for (const text of texts) {
      const parse = async () => copyOptions[name].parse(text);
      await assert.rejects(
        parse,
        (error: unknown) => error instanceof TypeError && error.message.length > 3,
        text,
      );
    }
  });
}

test('a wrong type suggests the nearest', async () => {
  await assert.rejects(async () => copyOptions.types.parse('id:integr'), /did you mean "integer"/);
});
