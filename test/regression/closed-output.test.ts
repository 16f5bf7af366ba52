import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { program } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id\n1\n2\n');
});

/** Runs a copy to stdout with a redirection of the shell. */
function copy(redirection: string): Promise<{ code: number; stderr: string }> {
  const line = `exec '${process.execPath}' '${program}' copy in.csv - --to-format ndjson --no-checkpoint ${redirection}`;
  return new Promise(resolve => {
    execFile('sh', ['-c', line], { cwd }, (error, _stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stderr }),
    );
  });
}

const skip = existsSync('/proc/self/fdinfo') ? false : 'the system does not tell how a file was opened';

// Node puts /dev/null in the place of a closed standard output: it ended with 0, and no record was anywhere.
test('records for a standard output that was closed before the start: exit 1', { skip }, async () => {
  const { code, stderr } = await copy('>&-');
  assert.equal(code, 1, stderr);
  assert.match(stderr, /standard output is closed/);
  assert.match(stderr, /none:/);
});

test('records for /dev/null go there', async () => {
  assert.equal((await copy('>/dev/null')).code, 0);
  assert.equal((await copy('>>/dev/null')).code, 0);
});

test('records for a full device: exit 1', {
  skip: existsSync('/dev/full') ? false : 'no /dev/full',
}, async () => {
  const { code, stderr } = await copy('>/dev/full');
  assert.equal(code, 1, stderr);
  assert.match(stderr, /no space left/);
});
