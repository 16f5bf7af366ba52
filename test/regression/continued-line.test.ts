import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tranche } from '../helpers/program.js';
import { Workplace } from '../helpers/workplace.js';

// The hint named --on-change continue, which cannot go on within a record; tried all the same, the run took note of the new input, so that --on-change restart failed as well.

const place = await Workplace.make();
const run = (...words: string[]) =>
  tranche(['copy', 'in.csv', 'out.csv', ...words, '-q'], { cwd: place.directory });

test('a last line that was continued: what the hint names works, and what it does not name is refused before anything is noted', async () => {
  await place.write('in.csv', 'a,b\n1,2\n3,4');
  assert.equal((await run()).code, 0);
  await place.append('in.csv', '5\n6,7\n');
  for (const words of [['--resume'], ['--resume', '--on-change', 'continue']]) {
    const { code, stderr } = await run(...words);
    assert.equal(code, 5);
    assert.match(stderr, /its last line, which had no line ending, was continued/);
    assert.match(stderr, /start from the beginning with --fresh; --whole-lines leaves such a line/);
    assert.doesNotMatch(stderr, /on-change continue if/);
  }
  assert.equal((await run('--resume', '--on-change', 'restart', '--overwrite')).code, 0);
  assert.equal(place.read('out.csv'), 'a,b\n1,2\n3,45\n6,7\n');
});
