import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { flights, startTranche, tranche } from '../../helpers/program.js';
import { Workplace } from '../../helpers/workplace.js';

const example = fileURLToPath(new URL('../../../../examples/api-server.mjs', import.meta.url));

test('an API is called for every row, as the README has it, and a kill in the middle makes no difference', async t => {
  const server = spawn(process.execPath, [example, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => server.kill());
  const [line] = (await once(server.stdout.setEncoding('utf8'), 'data')) as [string];
  assert.ok(line.startsWith('http://127.0.0.1:'));
  const { directory } = await Workplace.make();
  const words = ['copy', flights, line.trim(), '--per-record', '-j', '16', '--limit', '2000', '--resume'];
  const killed = startTranche([...words, '--rate', '1000/s', '-v'], { cwd: directory });
  await killed.until(/checkpoint/i);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const ended = await tranche([...words, '--retry-delay', '1ms'], { cwd: directory });
  assert.equal(ended.code, 0, ended.stderr);
  const answer = await fetch(line.trim());
  assert.deepEqual(await answer.json(), { flights: 2000 });
});
