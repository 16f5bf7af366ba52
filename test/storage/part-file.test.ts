import assert from 'node:assert/strict';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { PartFile } from '#tranche/storage/part-file.js';
import { temporaryDirectory } from './temporary.js';

const text = (path: string) => readFile(path, 'latin1');

/** A file of lines, killed with `behind` written behind its mark. */
async function interrupted(path: string, before: string, behind: string) {
  const output = await PartFile.create(path, { overwrite: false });
  await output.append(Buffer.from(before));
  await output.sync();
  const mark = output.mark();
  await output.append(Buffer.from(behind));
  await output.sync();
  await output.close(false);
  return mark;
}

/** A complete file, and its mark. */
async function finished(path: string, lines: string, whenEmpty = Buffer.alloc(0)) {
  const output = await PartFile.create(path, { overwrite: false, whenEmpty });
  await output.append(Buffer.from(lines));
  await output.sync();
  const mark = output.mark();
  await output.close(true);
  return mark;
}

test('writes beside the final name, privately, and takes it at the end', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'out');
  const output = await PartFile.create(path, { overwrite: false });
  assert.equal(output.isEmpty, true);
  assert.deepEqual(await readdir(directory), ['out.part']);
  assert.equal((await stat(`${path}.part`)).mode & 0o777, 0o600);
  await output.append(Buffer.from('a\n'));
  assert.equal(output.isEmpty, false);
  assert.equal(output.mark().bytes, 2);
  await output.close(true);
  await output.close(true);
  await output.close(false);
  assert.deepEqual(await readdir(directory), ['out']);
  assert.equal(await text(path), 'a\n');
});

test('an unfinished file keeps what was synced', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  await interrupted(path, 'one\n', '');
  assert.equal(await text(`${path}.part`), 'one\n');
});

test('pieces of any size arrive in order, whether or not the caller waits', async t => {
  const directory = await temporaryDirectory(t);
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(fc.nat(50), fc.integer({ min: 250_000, max: 275_000 })), { maxLength: 15 }),
      fc.boolean(),
      async (lengths, waiting) => {
        const path = join(directory, `out${run++}`);
        const output = await PartFile.create(path, { overwrite: false });
        const pieces = lengths.map((length, i) => Buffer.alloc(length, `${i}`));
        const appending: Promise<void>[] = [];
        for (const [i, piece] of pieces.entries()) {
          const appended = output.append(piece).then(() => pieces[i - 1]?.fill('!')); // may be reused now
          if (waiting) await appended;
          else appending.push(appended.then(() => {}));
        }
        await Promise.all(appending);
        await output.close(true);
        const expected = Buffer.concat(lengths.map((length, i) => Buffer.alloc(length, `${i}`)));
        assert.ok((await readFile(path)).equals(expected));
        await rm(path);
      },
    ),
    {
      numRuns: 30,
      examples: [
        [[262_144, 0], false],
        [[262_144, 0, 10, 262_144], true],
      ],
    },
  );
});

test('refuses a name that is taken, unless it may overwrite', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  await writeFile(path, 'old');
  await assert.rejects(PartFile.create(path, { overwrite: false }), {
    code: 'target_exists',
    hint: /--overwrite.*--append/,
  });
  const output = await PartFile.create(path, { overwrite: true });
  await output.append(Buffer.from('new'));
  await output.sync();
  assert.equal(await text(path), 'old'); // until the new one is complete
  await output.close(true);
  assert.equal(await text(path), 'new');
});

test('refuses what is no file, and touches nothing', async t => {
  const directory = await temporaryDirectory(t);
  const [victim, link, folder, out] = ['victim', 'link', 'folder', 'out'].map(name => join(directory, name));
  await writeFile(victim!, 'precious');
  await mkdir(folder!);
  await symlink(victim!, link!);
  await symlink(victim!, `${out}.part`);
  for (const overwrite of [false, true]) {
    await assert.rejects(PartFile.create(link!, { overwrite }), {
      code: 'target_exists',
      message: /symbolic link/,
    });
    await assert.rejects(PartFile.create(folder!, { overwrite }), {
      code: 'target_exists',
      message: /directory/,
    });
    await assert.rejects(PartFile.create('/dev/null', { overwrite }), {
      code: 'target_exists',
      message: /device/,
    });
    await assert.rejects(PartFile.create(out!, { overwrite }), {
      code: 'target_exists',
      message: /out\.part.*symbolic link/,
    });
  }
  await assert.rejects(PartFile.append(link!, { lines: true }), { code: 'io', message: /symbolic link/ });
  await assert.rejects(PartFile.resume(out!, { bytes: 8, tail: '' }), {
    code: 'io',
    message: /symbolic link/,
  });
  assert.equal(await text(victim!), 'precious');
});

test('a missing directory is named', async t => {
  const path = join(await temporaryDirectory(t), 'nowhere', 'out');
  await assert.rejects(PartFile.create(path, { overwrite: false }), {
    code: 'io',
    hint: /create the directory .*nowhere first/,
  });
});

test('an empty .part is a start that was killed; another one is not taken by accident', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  await writeFile(`${path}.part`, '');
  await (await PartFile.create(path, { overwrite: false })).close(false);
  await writeFile(`${path}.part`, 'somebody is writing this');
  await assert.rejects(PartFile.create(path, { overwrite: false }), {
    code: 'target_exists',
    message: /out\.part/,
  });
  for (const how of [{ overwrite: true }, { overwrite: false, replacePart: true }]) {
    await (await PartFile.create(path, how)).close(false);
    assert.equal(await text(`${path}.part`), '');
    await writeFile(`${path}.part`, 'left behind');
  }
});

test('resumes at the mark, whatever was written behind it', async t => {
  const directory = await temporaryDirectory(t);
  const before = 'x'.repeat(5000);
  for (const [i, behind] of ['', 'torn', 'y'.repeat(9000)].entries()) {
    const path = join(directory, `out${i}`);
    const mark = await interrupted(path, before, behind);
    const output = await PartFile.resume(path, mark);
    assert.equal(await text(`${path}.part`), before);
    assert.deepEqual(output.mark(), mark);
    assert.equal(output.isEmpty, false);
    await output.append(Buffer.from('end\n'));
    await output.close(true);
    assert.equal(await text(path), `${before}end\n`);
  }
});

test('a .part that is shorter, gone or another file is a changed target, and stays as it is', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  const mark = await interrupted(path, 'one\ntwo\n', 'three\n');
  await truncate(`${path}.part`, 7);
  await assert.rejects(PartFile.resume(path, mark), { code: 'target_changed', message: /7 bytes; 8 were/ });
  await writeFile(`${path}.part`, 'one\ntwO\nand more');
  await assert.rejects(PartFile.resume(path, mark), { code: 'target_changed', message: /another file/ });
  assert.equal(await text(`${path}.part`), 'one\ntwO\nand more');
  await rm(`${path}.part`);
  await assert.rejects(PartFile.resume(path, mark), { code: 'target_changed', message: /is gone/ });
});

test('a crash between the rename and the last checkpoint: the result is taken for what it is', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'out');
  const mark = await finished(path, 'one\n');
  const inode = (await stat(path)).ino;
  const output = await PartFile.resume(path, mark);
  assert.deepEqual(output.mark(), mark);
  await output.close(true);
  assert.deepEqual(await readdir(directory), ['out']);
  assert.equal((await stat(path)).ino, inode);
});

test('... but not any file of that name', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  const mark = await finished(path, 'one\n');
  for (const other of ['onE\n', 'one', 'one\ntwo\n']) {
    await writeFile(path, other);
    for (const open of [PartFile.resume, PartFile.reopen]) {
      await assert.rejects(open(path, mark), { code: 'target_changed' });
    }
    assert.equal(await text(path), other);
  }
});

test('a finished file that is reopened stays as it is until something is appended', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'out');
  const mark = await finished(path, 'one\n');
  const idle = await PartFile.reopen(path, mark);
  await idle.append(Buffer.alloc(0));
  await idle.close(true);
  assert.deepEqual(await readdir(directory), ['out']);

  const output = await PartFile.reopen(path, mark);
  const appended = [output.append(Buffer.from('two\n')), output.append(Buffer.from('three\n'))];
  await Promise.all(appended);
  assert.deepEqual(await readdir(directory), ['out.part']);
  await output.sync();
  assert.equal(await text(`${path}.part`), 'one\ntwo\nthree\n');
  await output.close(true);
  assert.equal(await text(path), 'one\ntwo\nthree\n');
});

test('reopened, killed after it had become a .part again, reopened', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  const mark = await finished(path, 'one\n');
  await rename(path, `${path}.part`);
  await appendFile(`${path}.part`, 'tw');
  const output = await PartFile.reopen(path, mark);
  await output.append(Buffer.from('two\n'));
  await output.close(true);
  assert.equal(await text(path), 'one\ntwo\n');
});

test('reopening takes no .part of somebody else away', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  const mark = await finished(path, 'one\n');
  await writeFile(`${path}.part`, 'not ours');
  const output = await PartFile.reopen(path, mark);
  await assert.rejects(output.append(Buffer.from('two\n')), { code: 'target_exists' });
  await assert.rejects(output.close(true), { code: 'target_exists' });
  await output.close(false);
  assert.equal(await text(`${path}.part`), 'not ours');
  assert.equal(await text(path), 'one\n');
});

test('a file to which nothing was appended can still be something', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  const whenEmpty = Buffer.from('id,name\n');
  const mark = await finished(path, '', whenEmpty);
  assert.equal(await text(path), 'id,name\n');
  assert.equal(mark.bytes, 0);
  await (await PartFile.resume(path, mark, whenEmpty)).close(true);
  assert.equal(await text(path), 'id,name\n');
  const output = await PartFile.reopen(path, mark, whenEmpty);
  assert.equal(output.isEmpty, true);
  await output.append(Buffer.from('id,n\n1,a\n'));
  await output.close(true);
  assert.equal(await text(path), 'id,n\n1,a\n');
});

test('another writer of the same .part is noticed before the rename', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'out');
  const first = await PartFile.create(path, { overwrite: false });
  await first.append(Buffer.from('first\n'));
  await first.sync();
  const second = await PartFile.create(path, { overwrite: true });
  await assert.rejects(first.close(true), { code: 'target_changed', message: /replaced/ });
  await first.close(false);
  await second.append(Buffer.from('second\n'));
  await second.sync();
  await appendFile(`${path}.part`, 'intruder\n');
  await assert.rejects(second.close(true), { code: 'target_changed', message: /16 bytes; 7 were/ });
  await assert.rejects(second.close(true), { code: 'target_changed' });
  await second.close(false);
  assert.deepEqual(await readdir(directory), ['out.part']);
});

test('a file that appears under the final name meanwhile is not overwritten', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  const mark = await interrupted(path, 'ours\n', '');
  await writeFile(path, 'theirs\n');
  const output = await PartFile.resume(path, mark);
  await assert.rejects(output.close(true), { code: 'target_exists' });
  await output.close(false);
  assert.equal(await text(path), 'theirs\n');
  await rm(path);
  const again = await PartFile.resume(path, mark);
  await again.close(true);
  assert.equal(await text(path), 'ours\n');
});

test('whether it may overwrite is kept in the mark', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  await writeFile(path, 'old\n');
  const output = await PartFile.create(path, { overwrite: true });
  await output.append(Buffer.from('new\n'));
  await output.sync();
  const mark = JSON.parse(JSON.stringify(output.mark()));
  await output.close(false);
  await (await PartFile.resume(path, mark)).close(true);
  assert.equal(await text(path), 'new\n');
});

test('appends in place, and takes back only what it appended', async t => {
  const path = join(await temporaryDirectory(t), 'log');
  await writeFile(path, 'old\n', { mode: 0o640 });
  await chmod(path, 0o640);
  const output = await PartFile.append(path, { lines: true });
  assert.equal(output.isEmpty, false);
  const start = output.mark();
  assert.deepEqual([start.bytes, start.base], [4, 4]);
  await output.append(Buffer.from('new\n'));
  await output.sync();
  const mark = output.mark();
  await output.append(Buffer.from('torn'));
  await output.sync();
  await output.close(false);
  assert.equal(await text(path), 'old\nnew\ntorn');
  const resumed = await PartFile.resume(path, mark);
  assert.equal(await text(path), 'old\nnew\n');
  await resumed.append(Buffer.from('end\n'));
  const last = resumed.mark();
  await resumed.close(true);
  assert.equal(await text(path), 'old\nnew\nend\n');
  assert.equal((await stat(path)).mode & 0o777, 0o640);
  const reopened = await PartFile.reopen(path, last);
  await reopened.append(Buffer.from('more\n'));
  await reopened.close(true);
  assert.equal(await text(path), 'old\nnew\nend\nmore\n');
  await assert.rejects(PartFile.reopen(path, last), { code: 'target_changed' });
  await (await PartFile.resume(path, start)).close(false);
  assert.equal(await text(path), 'old\n');
  await truncate(path, 3);
  await assert.rejects(PartFile.resume(path, start), { code: 'target_changed' });
});

test('appending creates a missing file and refuses an unfinished last line', async t => {
  const directory = await temporaryDirectory(t);
  const path = join(directory, 'log');
  const output = await PartFile.append(path, { lines: true, whenEmpty: Buffer.from('header\n') });
  assert.equal(output.isEmpty, true);
  await output.close(true);
  assert.equal(await text(path), 'header\n');
  assert.equal((await stat(path)).mode & 0o777, 0o600);
  await writeFile(path, 'no newline');
  await assert.rejects(PartFile.append(path, { lines: true }), {
    code: 'target_refused',
    message: /newline/,
  });
  assert.equal(await text(path), 'no newline');
});

test('a mark that is none is an unreadable checkpoint', async t => {
  const path = join(await temporaryDirectory(t), 'out');
  for (const mark of [{}, { bytes: '7', tail: 'x' }, { bytes: 0.5, tail: 'x' }, { bytes: 3 }]) {
    await assert.rejects(PartFile.resume(path, mark), { code: 'checkpoint_unreadable' });
  }
});
