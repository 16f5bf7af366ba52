import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, test } from 'node:test';
import fc from 'fast-check';
import type { Checkpoint } from '#tranche/core/checkpoint.js';
import { noCounts } from '#tranche/core/checkpoint.js';
import type { TrancheError } from '#tranche/core/errors.js';
import type { JsonObject } from '#tranche/core/json.js';
import { CheckpointFile } from '#tranche/state/checkpoint-store.js';
import { checkpointText, parseCheckpoint } from '#tranche/state/checkpoint-text.js';
import { anyCharacter } from '../helpers/any-character.js';
import { mockFsync } from '../helpers/mock-fsync.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const checkpoint: Checkpoint = {
  job: 'flights',
  id: '5d3f',
  status: 'running',
  because: null,
  source: {
    name: 'flights.csv',
    position: { file: 0, offset: 1234, record: 56 },
    ahead: [],
    identity: { size: 99 },
  },
  target: { name: 'flüge.ndjson', mark: { bytes: 4321 } },
  counts: { ...noCounts, read: 56, written: 55, rejected: 1 },
  batches: 1,
  batchSize: 10_000,
  batchBytes: 8_388_608,
  columns: [{ name: 'id', type: 'integer', declared: false }],
  output: null,
  options: { select: ['id'] },
  rejects: { path: 'rejects.ndjson', bytes: 120 },
  command: ['tranche', 'copy', 'flights.csv', 'flüge.ndjson', '--resume'],
  runs: 1,
  startedAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:01.000Z',
  elapsed: 1000,
};
const text = checkpointText(checkpoint);

let directory = '';
let path = '';
let file: CheckpointFile;
beforeEach(async () => {
  directory = await temporaryDirectory();
  path = join(directory, 'checkpoint.json');
  file = new CheckpointFile(path, 'flights');
});

/** Expects that a checkpoint of this text is refused, and why. */
async function refused(content: string | Buffer, why: RegExp): Promise<void> {
  await writeFile(path, content);
  await assert.rejects(file.load(), (error: TrancheError) => {
    assert.equal(error.code, 'checkpoint_unreadable');
    assert.equal(error.path, path);
    assert.match(error.message, why);
    assert.ok(error.message.includes(path));
    assert.match(error.hint!, /--fresh/);
    return true;
  });
}

test('none yet', async () => {
  assert.equal(await file.load(), null);
  assert.deepEqual(await readdir(directory), []);
});

test('what was saved is loaded; the newest wins', async () => {
  await file.save(checkpoint);
  assert.deepEqual(await new CheckpointFile(path, 'flights').load(), checkpoint);
  const newer = { ...checkpoint, runs: 2 };
  await file.save(newer);
  assert.deepEqual(await new CheckpointFile(path, 'flights').load(), newer);
  assert.deepEqual(await file.load(), newer);
});

test('the file is private, alone, readable, and its checksum is that of the lines behind it', async () => {
  await file.save(checkpoint);
  assert.equal((await lstat(path)).mode & 0o777, 0o600);
  assert.deepEqual(await readdir(directory), ['checkpoint.json']);
  const written = await readFile(path, 'utf8');
  const lines = written.split('\n');
  assert.deepEqual(lines.slice(0, 3), ['{', '  "format": "tranche-checkpoint",', '  "version": 1,']);
  assert.equal(lines[4], '  "job": "flights",');
  const rest = lines.slice(4).join('\n');
  assert.equal(JSON.parse(written).checksum, createHash('sha256').update(rest).digest('hex'));
});

test('saves that overlap are written in their order', async () => {
  const saves = Array.from({ length: 20 }, (_, runs) => file.save({ ...checkpoint, runs }));
  await Promise.all(saves);
  assert.equal((await new CheckpointFile(path, 'flights').load())?.runs, 19);
});

test('a checkpoint that is gone is not remembered', async () => {
  await file.save(checkpoint);
  await rm(path);
  assert.equal(await file.load(), null);
});

test('any position, mark and option survives', () => {
  const json = fc
    .dictionary(fc.string({ unit: anyCharacter }), fc.jsonValue())
    .map(value => JSON.parse(JSON.stringify(value)) as JsonObject);
  fc.assert(
    fc.property(json, json, (position, options) => {
      const one = { ...checkpoint, options, source: { ...checkpoint.source, position } };
      assert.deepEqual(parseCheckpoint(checkpointText(one), 'flights', 'ledger'), one);
    }),
  );
});

test('a flipped bit, wherever it is, is noticed', () => {
  const bytes = Buffer.from(text);
  for (let i = 0; i < bytes.length; i++) {
    for (let bit = 0; bit < 8; bit++) {
      bytes[i]! ^= 1 << bit;
      assert.throws(
        () => parseCheckpoint(bytes.toString(), 'flights', path),
        { code: 'checkpoint_unreadable' },
        `byte ${i}, bit ${bit}`,
      );
      bytes[i]! ^= 1 << bit;
    }
  }
  assert.deepEqual(parseCheckpoint(bytes.toString(), 'flights', path), checkpoint);
});

test('a torn checkpoint, wherever it ends, is noticed', () => {
  for (let length = 0; length < text.length; length++) {
    assert.throws(
      () => parseCheckpoint(text.slice(0, length), 'flights', path),
      { code: 'checkpoint_unreadable' },
      `${length} characters`,
    );
  }
});

test('bytes behind the end are noticed', async () => {
  await refused(`${text}\n`, /checksum/);
  await refused(text + text, /not JSON/);
});

test('says what is wrong', async () => {
  await refused('', /it is empty/);
  await refused(Buffer.alloc(4096), /it is empty/);
  await refused(text.slice(0, 200), /not JSON: it was cut off or damaged/);
  await refused('[]', /not a JSON object/);
  await refused('null', /not a JSON object/);
  await refused('{"name": "something else"}', /not a checkpoint of tranche/);
  await refused(text.replace('"written": 55', '"written": 56'), /checksum/);
  await refused(JSON.stringify(JSON.parse(text)), /checksum/);
  await refused(Buffer.from(text, 'latin1'), /checksum/);
  await refused(text.replace('"version": 1', '"version": 0'), /no known version/);
  await refused(text.replace('"version": 1', '"version": "1"'), /no known version/);
});

test('a newer version is refused, and both versions are named', async () => {
  await refused(text.replace('"version": 1', '"version": 12'), /has version 12, .* reads version 1$/);
});

test('the checkpoint of another job is refused, and both jobs are named', async () => {
  await refused(
    checkpointText({ ...checkpoint, job: 'orders' }),
    /belongs to job "orders", not to job "flights"/,
  );
});

test('a symbolic link in its place is refused, wherever it leads', async () => {
  await writeFile(join(directory, 'elsewhere'), text);
  await symlink(join(directory, 'elsewhere'), path);
  await assert.rejects(file.load(), { code: 'io', message: /symbolic link/ });
  await rm(join(directory, 'elsewhere'));
  await assert.rejects(file.load(), { code: 'io', message: /symbolic link/ });
});

test('a save never writes through a symbolic link', async () => {
  await writeFile(join(directory, 'victim'), 'precious');
  await symlink(join(directory, 'victim'), path);
  await file.save(checkpoint);
  assert.equal(await readFile(join(directory, 'victim'), 'utf8'), 'precious');
});

test('a directory in its place is an error', async () => {
  await mkdir(path);
  await assert.rejects(file.load(), { code: 'io' });
  await assert.rejects(file.save(checkpoint), { code: 'io' });
  assert.deepEqual(await readdir(directory), ['checkpoint.json']);
});

test('what killed runs left beside it is cleaned away, and nothing else', async () => {
  await file.save(checkpoint);
  // The temporary name of a save that never ends, as a kill leaves it.
  const left = mockFsync(() => new Promise(() => {}));
  void file.save(checkpoint);
  while (left.mock.callCount() === 0) await new Promise(setImmediate);
  left.mock.restore();
  await writeFile(join(directory, 'checkpoint.json.bak'), 'mine');
  assert.equal((await readdir(directory)).length, 3);
  await new CheckpointFile(path, 'flights').clean();
  assert.deepEqual((await readdir(directory)).sort(), ['checkpoint.json', 'checkpoint.json.bak']);
  assert.deepEqual(await new CheckpointFile(path, 'flights').load(), checkpoint);
});

test('an fsync that failed is never tried again, and the old checkpoint stays', async () => {
  await file.save(checkpoint);
  const sync = mockFsync(async () => {
    throw Object.assign(new Error('i/o error'), { code: 'EIO' });
  });
  const failed = { code: 'io', operation: 'fsync', message: /EIO/ };
  await assert.rejects(file.save({ ...checkpoint, runs: 2 }), failed);
  sync.mock.restore();
  await assert.rejects(file.save({ ...checkpoint, runs: 3 }), failed);
  await assert.rejects(file.save({ ...checkpoint, runs: 4 }), failed);
  assert.deepEqual(await new CheckpointFile(path, 'flights').load(), checkpoint);
  assert.deepEqual(await readdir(directory), ['checkpoint.json']);
});

test('a ledger is named in the error where the text came from there', () => {
  assert.throws(() => parseCheckpoint('', 'flights', 'the ledger in shop.db'), {
    message: 'the checkpoint the ledger in shop.db cannot be read: it is empty',
  });
});
