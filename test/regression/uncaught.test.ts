import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { tranche } from '../helpers/program.js';
import { temporaryDirectory } from '../helpers/temporary.js';

/** Code that throws behind the run's back, and a line of it as the message shows it. */
const codes: readonly (readonly [what: string, target: string, file: string, text: string])[] = [
  [
    'a timer of a transform',
    'out.ndjson',
    'late.mjs',
    `export default async record => {
       if (record.id === 2) setTimeout(() => { throw new Error('too late'); });
       await new Promise(resolve => setTimeout(resolve, 20));
       return record;
     };`,
  ],
  [
    'a callback that a transform waits for',
    'out.ndjson',
    'hangs.mjs',
    `export default record => record.id < 2 ? record :
       new Promise(() => setTimeout(() => { throw new Error('too late'); }));`,
  ],
  [
    'a promise that a module does not await',
    './rejects.mjs',
    'rejects.mjs',
    `const send = async () => { throw new Error('too late'); };
     export default ([{ id }]) => { if (id === 2) send(); return new Promise(resolve => setTimeout(resolve, 20)); };`,
  ],
  [
    'a callback that a module waits for',
    './waits.mjs',
    'waits.mjs',
    `export default async ([{ id }]) => id < 2 ||
       new Promise(() => setTimeout(() => { throw new Error('too late'); }));`,
  ],
];

for (const [what, target, file, text] of codes) {
  test(`${what} that throws is a failed run, which can be gone on with`, async () => {
    const cwd = await temporaryDirectory();
    await writeFile(join(cwd, 'in.csv'), 'id\n1\n2\n3\n');
    await writeFile(join(cwd, file), text);
    const words = ['copy', 'in.csv', target, '--batch-size', '1', '--job', 'job', '--json'];
    if (!target.endsWith(file)) words.push('--transform', file);
    const { code, stderr, stdout } = await tranche(words, { cwd });
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      new RegExp(`^tranche: code that this run called threw .*: Error: too late \\(at .*/${file}:`, 'm'),
    );
    assert.match(stderr, /^to go on:\n.* --resume$/m);
    const { status, error, counts } = JSON.parse(stdout) as {
      status: string;
      error: { code: string };
      counts: { written: number };
    };
    assert.deepEqual([status, error.code, counts.written], ['failed', 'uncaught', 1]);

    await writeFile(join(cwd, file), 'export default record => record;');
    const rest = await tranche([...words, '--resume'], { cwd });
    // A transform's text is one of the options that have to stay the same.
    assert.equal(rest.code, target.endsWith(file) ? 0 : 5, rest.stderr);
  });
}

test('what is thrown when the run is over is told, and is no success', async () => {
  const cwd = await temporaryDirectory();
  await writeFile(join(cwd, 'in.csv'), 'id\n1\n');
  await writeFile(
    join(cwd, 'later.mjs'),
    `export default record => {
       const wait = () => setTimeout(process.exitCode === 0 ? fail : wait, 5);
       const fail = () => { throw new Error('too late'); };
       wait();
       return record;
     };`,
  );
  const { code, stderr } = await tranche(['copy', 'in.csv', 'out.ndjson', '--transform', 'later.mjs'], {
    cwd,
  });
  assert.equal(code, 1);
  assert.match(stderr, /^done: /m);
  assert.match(stderr, /^tranche: code that this run called threw .*later\.mjs:/m);
});
