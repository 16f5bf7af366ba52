import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ledgerModule, moduleIn } from '../helpers/modules.js';
import { program, tranche } from '../helpers/program.js';
import { query } from '../helpers/sqlite-table.js';
import { temporaryDirectory } from '../helpers/temporary.js';
import { every } from './extent.js';
import { inject, straceMissing, trace } from './strace.js';

const ROWS = 60;
const BATCH = 7;
/** Calls that neither the shell nor `cat` make: those of the program alone are counted. */
const calls = ['mkdir', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'ftruncate', 'unlink'];
const skip = straceMissing();

async function makePlace(rows = ROWS): Promise<string> {
  const directory = await temporaryDirectory();
  const lines = Array.from({ length: rows }, (_, i) => `${i + 1},name ${i + 1}\n`);
  await writeFile(join(directory, 'in.csv'), `id,name\n${lines.join('')}`);
  return directory;
}

function copyWords(target: string, lanes: number): string[] {
  const job = ['--job', 'job', '--state-dir', 'state', '--resume', '-q'];
  return ['copy', 'in.csv', target, ...job, '-j', String(lanes), '--batch-size', String(BATCH)];
}

/** How often each record arrived. Every line has to be whole. */
function arrivals(directory: string): number[] {
  const path = join(directory, 'out.ndjson');
  const counts = new Array<number>(ROWS).fill(0);
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  for (const line of text.split('\n').slice(0, -1)) {
    const { id, name } = JSON.parse(line) as { id: number; name: string };
    assert.equal(name, `name ${id}`);
    counts[id - 1]!++;
  }
  return counts;
}

for (const lanes of [1, 8]) {
  test(`killed at every call of a job with a command, ${lanes} in flight: each record arrives, and no more than what was in flight twice`, {
    skip,
  }, async () => {
    const words = copyWords('exec:cat >> out.ndjson', lanes);
    const traced = await trace(await makePlace(), words);
    assert.equal(traced.code, 0, traced.stderr);
    const points = calls.flatMap(call => {
      const count = traced.calls.filter(({ name }) => name === call).length;
      return Array.from({ length: count }, (_, i) => ({ call, when: i + 1, what: 'signal=SIGKILL' }));
    });
    assert.ok(points.length > 30);
    const step = every ? 1 : Math.ceil(points.length / 6);
    for (let at = lanes % step; at < points.length; at += step) {
      const point = points[at]!;
      const what = `killed before ${point.call} ${point.when}`;
      const directory = await makePlace();
      await inject(directory, words, point);
      // What was given to a command before the kill is done by it.
      await pause(100);
      const { code, stderr } = await tranche(words, { cwd: directory });
      assert.equal(code, 0, `${what}: ${stderr}`);
      const counts = arrivals(directory);
      assert.ok(Math.min(...counts) >= 1, `${what}: a record is missing`);
      const again = counts.reduce((sum, count) => sum + count - 1, 0);
      assert.ok(again <= lanes * BATCH, `${what}: ${again} records came again`);
    }
  });
}

test('killed at random, a module that keeps a ledger of its own gets every record once', async () => {
  const rows = every ? 20_000 : 1500;
  const directory = await makePlace(rows);
  await moduleIn(directory, ledgerModule);
  // Slow enough to be killed, whatever the machine.
  const words = copyWords('./load.mjs', 1).filter(word => word !== '-q');
  words.push('--batch-size', '20', '--rate', `${2 * rows}/s`);
  let kills = 0;
  for (let runs = 0; ; runs++) {
    assert.ok(runs < 200);
    const stdio = ['ignore', 'ignore', 'pipe'] as const;
    const child = spawn(process.execPath, [program, ...words], { cwd: directory, stdio: [...stdio] });
    const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)));
    // It says that it begins.
    await Promise.race([ended, once(child.stderr!, 'data')]);
    child.stderr!.resume();
    const code = await Promise.race([ended, pause(20 + Math.random() * 200)]);
    if (code === 0) break;
    assert.equal(code, undefined);
    child.kill('SIGKILL');
    kills++;
    await ended;
  }
  const [[count, different]] = (await query(
    join(directory, 'rows.db'),
    'SELECT count(*), count(DISTINCT id) FROM t',
  )) as [[number, number]];
  assert.deepEqual([Number(count), Number(different)], [rows, rows], `after ${kills} kills`);
  assert.ok(kills > 0, 'it was never killed');
});
