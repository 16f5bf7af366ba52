import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { flagOf } from '#tranche/core/options.js';
import { copyOptions } from '#tranche/options.js';
import { tranche } from '../helpers/program.js';
import { offered, shellMissing } from '../helpers/shells.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
before(async () => {
  cwd = await temporaryDirectory();
  await mkdir(join(cwd, '.tranche/nightly'), { recursive: true });
  await mkdir(join(cwd, 'data'));
  await writeFile(join(cwd, 'data/flights.csv'), '');
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await tranche(['completion', shell], { cwd });
    await writeFile(join(cwd, `completion.${shell}`), stdout);
  }
});

const cases: readonly (readonly [words: string, expected: readonly string[]])[] = [
  ['tranche co', ['completion', 'copy']],
  ['tranche --v', ['--version']],
  ['tranche copy --res', ['--resume']],
  ['tranche copy a.csv --on-change re', ['restart']],
  ['tranche copy a.csv --job x', []],
  ['tranche copy a.csv status --js', ['--json']],
  ['tranche copy a.csv --select a --sel', ['--select']],
  ['tranche checkpoint ', ['rm', 'show']],
  ['tranche checkpoint rm ', ['nightly']],
  ['tranche checkpoint rm --st', ['--state-dir']],
  ['tranche status n', ['nightly']],
  ['tranche completion f', ['fish']],
];

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const skip = shellMissing(shell);
  for (const [words, expected] of cases) {
    test(`${shell} completes ${words}`, { skip }, () =>
      assert.deepEqual(offered(shell, cwd, words.split(' ')), expected),
    );
  }

  // Where bash is offered nothing it completes names of files by itself.
  test(`${shell} completes names of files`, { skip }, () => {
    for (const words of ['tranche copy data/fl', 'tranche copy a.csv b.csv --rejects data/fl']) {
      const found = offered(shell, cwd, words.split(' ')).map(name => basename(name));
      assert.deepEqual(found, shell === 'bash' ? [] : ['flights.csv'], words);
    }
  });
}

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`${shell} knows every option of copy`, async () => {
    const { code, stdout } = await tranche(['completion', shell], { cwd });
    assert.equal(code, 0);
    for (const [name, option] of Object.entries(copyOptions)) {
      const flag = flagOf(name, option);
      assert.ok(stdout.includes(shell === 'fish' ? ` -l ${flag.slice(2)} ` : flag), flag);
    }
    const json = JSON.parse((await tranche(['completion', shell, '--json'], { cwd })).stdout);
    assert.deepEqual(json, { shell, script: stdout });
  });
}
