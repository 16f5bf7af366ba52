import assert from 'node:assert/strict';
import { test } from 'node:test';
import { again, programWords } from '#tranche/cli/resume-command.js';
import { copyOptions } from '#tranche/options.js';

/** The words behind the name of the program. */
function resumed(...words: string[]): string[] {
  const { resume } = again(words, copyOptions);
  return resume.slice(resume.indexOf('copy'));
}

test('the same words go on, with --resume', () => {
  assert.deepEqual(resumed('copy', 'a.csv', 'b.ndjson', '--batch-size', '5'), [
    'copy',
    'a.csv',
    'b.ndjson',
    '--batch-size',
    '5',
    '--resume',
  ]);
});

test('--resume is there once, --fresh is gone', () => {
  assert.deepEqual(resumed('copy', '--resume', 'a.csv', 'b.csv'), ['copy', 'a.csv', 'b.csv', '--resume']);
  assert.deepEqual(resumed('copy', '--fresh', 'a.csv', 'b.csv'), ['copy', 'a.csv', 'b.csv', '--resume']);
});

test('--overwrite stays: it is still wanted when the result is put in its place', () => {
  assert.deepEqual(resumed('copy', 'a.csv', 'b.csv', '--overwrite').slice(-2), ['--overwrite', '--resume']);
});

test('the value of an option is not taken for a flag', () => {
  assert.deepEqual(resumed('copy', 'a', 'b', '--null', '--fresh').slice(-3), [
    '--null',
    '--fresh',
    '--resume',
  ]);
});

test('words behind -- stay behind it', () => {
  assert.deepEqual(resumed('copy', '--', '-a.csv', '-b.csv'), ['copy', '--resume', '--', '-a.csv', '-b.csv']);
});

test('a password is left out, and said to be', () => {
  const { resume, fresh, secretLeftOut } = again(
    ['copy', 'a.csv', 'postgres://me:secret@db/x#t'],
    copyOptions,
  );
  assert.equal(secretLeftOut, true);
  for (const words of [resume, fresh]) {
    assert.ok(words.includes('postgres://me@db/x#t'));
    assert.ok(!words.join(' ').includes('secret'));
  }
  assert.equal(again(['copy', 'a.csv', 'b.csv'], copyOptions).secretLeftOut, false);
});

for (const [what, typed, shown] of [
  ['in a word of its own', ['-H', 'Authorization: s3cret'], ['-H', 'Authorization: ***']],
  ['behind a letter', ['-HAuthorization: s3cret'], ['-HAuthorization: ***']],
  ['behind letters', ['-qvHX-Key:s3cret'], ['-qvHX-Key: ***']],
  ['behind letters, in a word of its own', ['-qH', 'X-Key: s3cret'], ['-qH', 'X-Key: ***']],
  ['behind an equals sign', ['--http-header=X-Key: s3cret=x'], ['--http-header=X-Key: ***']],
  ['behind a long flag', ['--http-header', 'X-Key: s3cret'], ['--http-header', 'X-Key: ***']],
  ['without a colon', ['-H', 's3cret'], ['-H', '***']],
] as const) {
  test(`the value of a header is left out: ${what}`, () => {
    const words = ['copy', 'a.csv', 'https://api.example/items', ...typed];
    assert.deepEqual(resumed(...words), ['copy', 'a.csv', 'https://api.example/items', ...shown, '--resume']);
    assert.equal(again(words, copyOptions).secretLeftOut, true);
  });
}

test('a header that says nothing stays', () => {
  const words = ['copy', 'a.csv', 'https://api.example/items', '-H', 'Accept: text/csv'];
  assert.deepEqual(resumed(...words), [...words, '--resume']);
  assert.equal(again(words, copyOptions).secretLeftOut, false);
});

test('user and password of an HTTP URL are left out', () => {
  assert.deepEqual(resumed('copy', 'a.csv', 'https://sk_live:@api.example/items?token=abc'), [
    'copy',
    'a.csv',
    'https://api.example/items?token=***',
    '--resume',
  ]);
});

test('the program is called as it was', () => {
  assert.deepEqual(programWords('/usr/bin/tranche', { PATH: '/bin:/usr/bin' }), ['tranche']);
  const local = `${process.cwd()}/node_modules/.bin/tranche`;
  assert.deepEqual(programWords(local, { PATH: '/bin', npm_command: 'exec' }), ['npx', 'tranche']);
  assert.deepEqual(programWords(local, { PATH: '/bin' }), ['node_modules/.bin/tranche']);
  assert.deepEqual(programWords(`${process.cwd()}/bin/tranche.js`, { PATH: '/bin' }), [
    'node',
    'bin/tranche.js',
  ]);
  assert.deepEqual(programWords('/else/where/tranche.js', {}), ['node', '/else/where/tranche.js']);
});
