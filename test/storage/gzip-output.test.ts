import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import { openGzipInput } from '#tranche/storage/gzip-input.js';
import { GzipOutput } from '#tranche/storage/gzip-output.js';
import { readAll } from './read-all.js';
import { temporaryDirectory } from './temporary.js';

/** Checked by gzip(1), by zlib and by our own reader. */
async function contents(path: string): Promise<string> {
  await promisify(execFile)('gzip', ['-t', '-S', path.slice(path.lastIndexOf('.')), path]);
  const ours = await readAll(await openGzipInput(path, { offset: 0, waypoint: null, progressing: () => {} }));
  assert.ok(ours.equals(gunzipSync(await readFile(path))));
  return ours.toString('latin1');
}

function lines(from: number, count: number): string {
  return Array.from({ length: count }, (_, i) => `${from + i},${((from + i) * 7919) % 10_007}\n`).join('');
}

test('what is appended comes out again, in order, in members of its own', async t => {
  const path = join(await temporaryDirectory(t), 'out.gz');
  const output = await GzipOutput.create(path, { overwrite: false });
  assert.equal(output.isEmpty, true);
  const pieces = [lines(0, 3), lines(3, 400_000), '', lines(400_003, 5)];
  await Promise.all(pieces.map(piece => output.append(Buffer.from(piece))));
  const { uncompressed, bytes } = output.mark();
  await output.close(true);
  assert.equal(await contents(path), pieces.join(''));
  assert.equal(uncompressed, pieces.join('').length);
  assert.equal(bytes, (await stat(path)).size);
  assert.equal(output.isEmpty, false);
});

test('cut at any mark it is a valid file, and a resume goes on from there', async t => {
  const directory = await temporaryDirectory(t);
  const pieces = [lines(0, 10), lines(10, 1), lines(11, 90_000), lines(90_011, 2)];
  const path = join(directory, 'out.gz');
  const output = await GzipOutput.create(path, { overwrite: false });
  const marks = [output.mark()];
  for (const piece of pieces) {
    await output.append(Buffer.from(piece));
    marks.push(output.mark());
  }
  await output.sync();
  await output.close(false);
  const whole = await readFile(`${path}.part`);
  for (const [i, mark] of marks.entries()) {
    const copy = join(directory, `copy${i}.gz`);
    await writeFile(`${copy}.part`, whole);
    const resumed = await GzipOutput.resume(copy, JSON.parse(JSON.stringify(mark)));
    if (i > 0) assert.equal(await contents(`${copy}.part`), pieces.slice(0, i).join(''));
    assert.deepEqual(resumed.mark(), mark);
    for (const piece of pieces.slice(i)) await resumed.append(Buffer.from(piece));
    await resumed.close(true);
    assert.equal(await contents(copy), pieces.join(''));
  }
});

test('without records it is a valid gzip file all the same, before and after it goes on', async t => {
  const directory = await temporaryDirectory(t);
  for (const header of ['', 'id,name\n']) {
    const path = join(directory, `${header.length}.gz`);
    const whenEmpty = Buffer.from(header);
    const output = await GzipOutput.create(path, { overwrite: false, whenEmpty });
    const mark = output.mark();
    await output.close(true);
    assert.equal(await contents(path), header);
    await (await GzipOutput.resume(path, mark, whenEmpty)).close(true);
    await (await GzipOutput.reopen(path, mark, whenEmpty)).close(true);
    assert.equal(await contents(path), header);
    const reopened = await GzipOutput.reopen(path, mark, whenEmpty);
    assert.equal(reopened.isEmpty, true);
    await reopened.append(Buffer.from('id,name\n1,a\n'));
    await reopened.close(true);
    assert.equal(await contents(path), 'id,name\n1,a\n');
  }
  assert.deepEqual((await readdir(directory)).sort(), ['0.gz', '8.gz']);
});

test('appends to a gzip file of whole lines, and to no other', async t => {
  const path = join(await temporaryDirectory(t), 'log.gz');
  await writeFile(path, gzipSync('old\n'));
  const output = await GzipOutput.append(path, { lines: true });
  assert.equal(output.isEmpty, false);
  assert.equal(output.mark().uncompressed, 4);
  await output.append(Buffer.from('new\n'));
  await output.close(true);
  assert.equal(await contents(path), 'old\nnew\n');
  const whole = await readFile(path);
  await truncate(path, whole.length - 1);
  await assert.rejects(GzipOutput.append(path, { lines: true }), { code: 'source_unreadable' });
  await writeFile(path, Buffer.concat([whole, Buffer.alloc(5)]));
  await assert.rejects(GzipOutput.append(path, { lines: true }), {
    code: 'target_refused',
    message: /zeros/,
  });
  await writeFile(path, gzipSync('no newline'));
  await assert.rejects(GzipOutput.append(path, { lines: true }), {
    code: 'target_refused',
    message: /newline/,
  });
});

test('appending to a file that is missing, or without contents, begins it', async t => {
  const directory = await temporaryDirectory(t);
  await writeFile(join(directory, 'b.gz'), '');
  await writeFile(join(directory, 'c.gz'), gzipSync(''));
  for (const name of ['a.gz', 'b.gz', 'c.gz']) {
    const path = join(directory, name);
    const output = await GzipOutput.append(path, { lines: true });
    assert.equal(output.isEmpty, true);
    await output.append(Buffer.from('1\n'));
    await output.close(true);
    assert.equal(await contents(path), '1\n');
  }
});
