import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorLines } from '#tranche/cli/error-lines.js';
import { tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

test('a transform that ends the process with 0 is no success', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'a\n1\n');
  await writeFile(join(cwd, 'leaves.mjs'), 'export default () => process.exit(0);\n');
  const { code, stderr } = await tranche(['copy', 'in.csv', 'out.csv', '--transform', 'leaves.mjs', '-q'], {
    cwd,
  });
  assert.equal(code, 1);
  assert.match(stderr, /^tranche: code that this run called ended the process \(process\.exit\)/m);
});

test('a transform that is not there is a wrong command', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'a\n1\n');
  const { code, stderr } = await tranche(['copy', 'in.csv', 'out.csv', '--transform', 'nowhere.mjs'], {
    cwd,
  });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^tranche: --transform: cannot read nowhere\.mjs: no such file or directory \(ENOENT\)$/m,
  );
});

test('too few file descriptors are no defect of the program', () => {
  const error = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
  assert.deepEqual(errorLines(error, { verbose: false }), [
    'tranche: cannot load the program: too many open files (EMFILE)',
  ]);
});
