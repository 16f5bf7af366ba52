import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { createSource } from '#tranche/sources/index.js';
import { readSource } from '../helpers/read-source.js';
import { temporaryDirectory } from '../helpers/temporary.js';
import { Workplace } from '../helpers/workplace.js';

const directory = await temporaryDirectory();
const signal = new AbortController().signal;

test('fields of an endless first line were counted until all of it was in memory', async () => {
  const path = join(directory, 'bomb.csv.gz');
  await writeFile(path, gzipSync(Buffer.alloc(40 << 20)));
  const source = await createSource(path, { options: { header: false }, stdin: Readable.from([]) });
  await assert.rejects(source.describe(signal), {
    code: 'source_unreadable',
    message: /first record is longer than 16777216 bytes/,
  });
  await source.close();
});

test('the sample kept a record that is too long, all of it, for stdin to be read twice', async () => {
  const pieces = 640;
  let given = 0;
  async function* endless() {
    yield Buffer.from('a,b\n');
    for (; given < pieces; given++) yield Buffer.alloc(128 * 1024, 'x');
    yield Buffer.from('\n1,2\n');
  }
  const stdin = Readable.from(endless(), { objectMode: false, highWaterMark: 1 });
  const options = { format: 'csv', maxRecordBytes: 1 << 20 } as const;
  const source = await createSource('-', { options, stdin });
  const { columns } = await source.describe(signal);
  assert.ok(given < pieces / 2, `${given} of ${pieces} pieces were read for the sample`);
  const { records } = await readSource(source, { columns });
  await source.close();
  assert.deepEqual(
    records.map(({ reason, length }) => [reason, length]),
    [
      ['too_long', pieces * 128 * 1024],
      [null, 3],
    ],
  );
});

test('a long record that came in small pieces was read from its beginning with each of them', async () => {
  // 12 MiB in pieces of 4 KiB: 18 GB to look at if each piece began anew, which takes a minute.
  const place = await Workplace.make();
  async function* pieces() {
    yield Buffer.from('a,b\n1,"');
    for (let i = 0; i < 3072; i++) yield Buffer.alloc(4096, 'x');
    yield Buffer.from('"\n3,4\n');
  }
  const begun = process.cpuUsage();
  const summary = await place.copy('-', 'out.csv', { format: 'csv' }, { stdin: Readable.from(pieces()) });
  const spent = process.cpuUsage(begun).user / 1e6;
  assert.equal(summary.counts.written, 2);
  assert.equal(place.bytes('out.csv').length, 'a,b\n1,\n3,4\n'.length + 3072 * 4096);
  assert.ok(spent < 15, `${spent} s of processor time`);
});

test('a record that is not too long is not taken for one because the look at it was put off', async () => {
  const place = await Workplace.make();
  async function* pieces() {
    yield Buffer.from('a,b\n1,');
    for (let i = 0; i < 13; i++) yield Buffer.alloc(64 * 1024, 'x');
    yield Buffer.from(`\n${'3,4\n'.repeat(200_000)}`);
  }
  const options = { format: 'csv', maxRecordBytes: 1 << 20 } as const;
  const summary = await place.copy('-', 'out.csv', options, { stdin: Readable.from(pieces()) });
  assert.deepEqual([summary.counts.written, summary.counts.rejected], [200_001, 0]);
});
