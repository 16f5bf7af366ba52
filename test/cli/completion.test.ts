import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { flagOf } from '#tranche/core/options.js';
import { copyOptions } from '#tranche/options.js';
import { tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

let cwd: string;
let bash: string;
before(async () => {
  cwd = await temporaryDirectory();
  await mkdir(join(cwd, '.tranche/nightly'), { recursive: true });
  bash = (await tranche(['completion', 'bash'], { cwd })).stdout;
  await writeFile(join(cwd, 'completion.bash'), bash);
});

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `source completion.bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tranche; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script, 'bash', ...words], { cwd, encoding: 'utf8' });
  return output.split('\n').filter(word => word !== '');
}

const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
  [
    ['tranche', 'co'],
    ['copy', 'completion'],
  ],
  [['tranche', 'copy', '--res'], ['--resume']],
  [['tranche', 'copy', 'a.csv', '--on-change', 're'], ['restart']],
  [['tranche', 'copy', 'a.csv', '--job', 'x'], []],
  [['tranche', 'copy', 'fi'], []],
  [
    ['tranche', 'checkpoint', ''],
    ['show', 'rm'],
  ],
  [['tranche', 'checkpoint', 'rm', ''], ['nightly']],
  [['tranche', 'status', 'n'], ['nightly']],
  [['tranche', 'completion', 'f'], ['fish']],
];

for (const [words, expected] of cases) {
  test(`bash completes ${words.join(' ')}`, () => assert.deepEqual(offered(...words), expected));
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
