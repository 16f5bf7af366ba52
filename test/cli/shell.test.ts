import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { shellLine } from '#tranche/cli/shell.js';

test('simple words stay as they are', () => {
  const words = ['tranche', 'copy', 'a/b-c.csv', '--rate=5/s', 'none:'];
  assert.equal(shellLine(words), 'tranche copy a/b-c.csv --rate=5/s none:');
});

test('what a shell would change is quoted', () => {
  assert.equal(shellLine(['logs/*.csv', "it's", '', 'a#b', '=x']), `'logs/*.csv' 'it'\\''s' '' 'a#b' '=x'`);
});

test('a control character never reaches the terminal', () => {
  assert.equal(
    shellLine(['a\x1b[31mb.csv', '\x85']),
    `'a'"$(printf '\\033')"'[31mb.csv' "$(printf '\\302\\205')"`,
  );
});

test('sh gives back exactly the words, whatever they are', () => {
  const word = fc.string({
    unit: fc.constantFrom(...' \t\n\'"`$\\!*?[]{}()<>|&;#~=%-aé→\r\x1b\x7f\x85'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), words => {
      const script = `for word in ${shellLine(words)}; do printf '%s\\0' "$word"; done`;
      const output = execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });
      assert.deepEqual(output.split('\0').slice(0, -1), words);
    }),
    { numRuns: 60 },
  );
});
