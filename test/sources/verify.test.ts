import assert from 'node:assert/strict';
import { appendFile, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Position } from '#tranche/core/position.js';
import type { Source, Verdict } from '#tranche/core/source.js';
import { createSource } from '#tranche/sources/index.js';
import type { SourceOptions } from '#tranche/sources/source-kind.js';
import { fileIdentity } from '#tranche/storage/identity.js';
import { readSource } from '../helpers/read-source.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const rows = (from: number, to: number, width = 0) =>
  Array.from({ length: to - from }, (_, i) => `${from + i},${'x'.repeat(width)}\n`).join('');
const header = 'id,text\n';

/** What becomes of an input after its first half (or all of it) was read and something was done to it. */
async function verdictAfter(
  spec: string,
  change: () => Promise<unknown>,
  { part = 1, options = {} }: { readonly part?: number; readonly options?: SourceOptions } = {},
): Promise<Verdict> {
  const open = (): Promise<Source> => createSource(spec, { options, stdin: Readable.from([]) });
  const source = await open();
  const ends = await endsOf(source);
  const position = ends[Math.ceil(ends.length * part) - 1]!;
  const identity = JSON.parse(JSON.stringify(await source.identify(position)));
  await source.close();
  await change();
  const again = await open();
  try {
    return await again.verify(identity, position);
  } finally {
    await again.close();
  }
}

/** Where batches end; the positions inside of them are left alone, each of which would be a hash of compressed input. */
async function endsOf(source: Source): Promise<Position[]> {
  const { signal } = new AbortController();
  const { columns } = await source.describe(signal);
  const limits = { records: 1000, bytes: 1 << 20 };
  const ends: Position[] = [];
  const how = { from: null, limits, columns, cells: true, signal, progressing: () => {} };
  for await (const batch of source.open(how)) {
    ends.push(batch.end);
    batch.release();
  }
  return ends;
}

async function inputOf(text: string | Buffer, name = 'in.csv') {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, text);
  return path;
}

const later = new Date(Date.now() + 60_000);

test('nothing done, or only touched: unchanged', async () => {
  for (const part of [0.5, 1]) {
    const path = await inputOf(header + rows(0, 1000));
    assert.equal((await verdictAfter(path, async () => {}, { part })).kind, 'unchanged');
    assert.equal((await verdictAfter(path, () => utimes(path, later, later), { part })).kind, 'unchanged');
  }
});

test('more behind what was read: grown', async () => {
  for (const part of [0.5, 1]) {
    const path = await inputOf(header + rows(0, 1000));
    assert.equal(
      (await verdictAfter(path, () => appendFile(path, rows(1000, 1001)), { part })).kind,
      'grown',
    );
  }
});

test('a file of less than 64 KiB that grew beyond is still the same file', async () => {
  const path = await inputOf(header + rows(0, 10));
  assert.equal((await verdictAfter(path, () => appendFile(path, rows(10, 30_000)))).kind, 'grown');
});

test('rewritten at its head, or just before the position, or cut off: both identities are told', async () => {
  const text = header + rows(0, 30_000, 10);
  const middle = text.length >> 1;
  const changes: readonly ((path: string) => Promise<unknown>)[] = [
    path => writeFile(path, text.replace('0,x', '1,x')),
    path => writeFile(path, text.slice(0, -2) + text.slice(-2).replace('x', 'y')),
    path => writeFile(path, text.slice(0, -60_000) + text.slice(-60_000).replace('x', 'y')),
    path => truncate(path, text.length - 1),
    path => truncate(path, middle),
    path => writeFile(path, ''),
  ];
  for (const [i, change] of changes.entries()) {
    const path = await inputOf(text);
    const verdict = await verdictAfter(path, () => change(path));
    assert.ok(verdict.kind === 'rewritten', `${i}`);
    assert.match(verdict.was, new RegExp(`${path}: ${text.length} bytes`));
    assert.match(verdict.is, /^\d+ bytes/);
  }
});

test('what is behind the position may change', async () => {
  const text = header + rows(0, 30_000, 10);
  const path = await inputOf(text);
  const change = () => writeFile(path, `${text.slice(0, -2)}y\n`);
  assert.equal((await verdictAfter(path, change, { part: 0.5 })).kind, 'unchanged');
});

test('the file is gone', async () => {
  const path = await inputOf(header + rows(0, 10));
  await assert.rejects(
    verdictAfter(path, () => rm(path)),
    { code: 'source_missing' },
  );
});

test('a list of files: new ones behind, before, gone, grown', async () => {
  const cases: readonly [(directory: string) => Promise<unknown>, Verdict['kind'], RegExp?][] = [
    [async () => {}, 'unchanged'],
    [directory => writeFile(join(directory, 'd.csv'), header), 'grown'],
    [directory => appendFile(join(directory, 'c.csv'), rows(5, 6)), 'grown'],
    [directory => writeFile(join(directory, '0.csv'), header), 'rewritten', /another file, .*0\.csv/],
    [directory => rm(join(directory, 'c.csv')), 'rewritten', /gone/],
    [directory => rm(join(directory, 'a.csv')), 'rewritten', /another file, .*b\.csv/],
    [
      directory => rename(join(directory, 'a.csv'), join(directory, 'z.csv')),
      'rewritten',
      /another file, .*b\.csv/,
    ],
    [directory => appendFile(join(directory, 'a.csv'), rows(5, 6)), 'rewritten'],
  ];
  for (const [change, kind, why] of cases) {
    const directory = await temporaryDirectory();
    for (const name of ['a', 'b', 'c']) await writeFile(join(directory, `${name}.csv`), header + rows(0, 5));
    const verdict = await verdictAfter(join(directory, '*.csv'), () => change(directory));
    assert.equal(verdict.kind, kind, String(change));
    if (verdict.kind === 'rewritten' && why) assert.match(verdict.is, why);
  }
});

test('gzip: touched, rewritten inside, grown by a member, cut off', async () => {
  const text = header + rows(0, 20_000, 10);
  // The compressed head is the same; what differs lies behind it, and just before the position.
  const tailed = (letter: string) =>
    gzipSync(header + rows(0, 60_000, 3) + rows(60_000, 61_000, 3).replaceAll('x', letter) + rows(0, 5000));
  const cases: readonly [Buffer, (path: string) => Promise<unknown>, Verdict['kind']][] = [
    [gzipSync(text), path => utimes(path, later, later), 'unchanged'],
    [gzipSync(text), path => appendFile(path, gzipSync(rows(1, 2))), 'grown'],
    [
      Buffer.concat([gzipSync(text), gzipSync(rows(0, 10))]),
      path => appendFile(path, gzipSync(rows(1, 2))),
      'grown',
    ],
    [tailed('y'), path => writeFile(path, Buffer.concat([tailed('z'), gzipSync(rows(1, 2))])), 'rewritten'],
    [gzipSync(text), path => truncate(path, 1000), 'rewritten'],
  ];
  for (const encoding of ['utf-8', 'latin1'] as const) {
    for (const [bytes, change, kind] of cases) {
      const path = await inputOf(bytes, 'in.csv.gz');
      const part = bytes.equals(tailed('y')) ? 61 / 66 : 1;
      const verdict = await verdictAfter(path, () => change(path), { part, options: { encoding } });
      assert.equal(verdict.kind, kind, String(change));
    }
  }
  assert.ok(tailed('y').subarray(0, 65_536).equals(tailed('z').subarray(0, 65_536)));
});

test('a position in a file whose neighbours changed is found again by its name', async () => {
  const directory = await temporaryDirectory();
  const spec = join(directory, '*.csv');
  for (const name of ['b', 'c']) await writeFile(join(directory, `${name}.csv`), `id\n${name}1\n${name}2\n`);
  const source = await createSource(spec, { options: {}, stdin: Readable.from([]) });
  const { records, columns } = await readSource(source);
  await source.close();
  const restOf = async () => {
    const again = await createSource(spec, { options: {}, stdin: Readable.from([]) });
    const rest = await readSource(again, { from: records[0]!.after, columns });
    await again.close();
    return rest.records.map(({ raw }) => raw);
  };
  await writeFile(join(directory, 'a.csv'), 'id\na1\n');
  assert.deepEqual(await restOf(), ['b2', 'c1', 'c2']);
  await rm(join(directory, 'b.csv'));
  assert.deepEqual(await restOf(), ['c1', 'c2']);
});

test('cut off behind the position is rewritten too', async () => {
  const text = header + rows(0, 30_000, 10);
  const path = await inputOf(text);
  const verdict = await verdictAfter(path, () => truncate(path, text.length - 100), { part: 0.5 });
  assert.equal(verdict.kind, 'rewritten');
});

/** Thirty files in a directory; answers their paths. */
async function manyFiles(): Promise<readonly string[]> {
  const directory = await temporaryDirectory();
  const paths = Array.from({ length: 30 }, (_, i) => join(directory, `${String(i).padStart(2, '0')}.csv`));
  for (const path of paths) await writeFile(path, header + rows(0, 3));
  return paths;
}

test('a checkpoint does not grow with the number of finished files', async () => {
  const paths = await manyFiles();
  const source = await createSource(dirname(paths[0]!), { options: {}, stdin: Readable.from([]) });
  const ends = await endsOf(source);
  const sizes = [];
  for (const end of ends) sizes.push(JSON.stringify(await source.identify(end)).length);
  await source.close();
  assert.equal(ends.length, 30);
  assert.ok(sizes.at(-1)! < 1.2 * sizes[10]!, `${sizes}`);
});

test('many files: what changed is noticed wherever it is', async () => {
  const changes: readonly (readonly [number, RegExp])[] = [
    [0, /^21 files up to .*20\.csv$/],
    [20, /^21 files up to .*20\.csv$/],
    [21, /21\.csv: \d+ bytes/],
    [29, /29\.csv: \d+ bytes/],
  ];
  for (const [file, was] of changes) {
    const paths = await manyFiles();
    const verdict = await verdictAfter(dirname(paths[0]!), () =>
      writeFile(paths[file]!, header + rows(5, 8)),
    );
    assert.equal(verdict.kind, 'rewritten', `${file}`);
    assert.match(verdict.kind === 'rewritten' ? verdict.was : '', was);
  }
  for (const change of [
    (paths: readonly string[]) => rm(paths[3]!),
    (paths: readonly string[]) => rename(paths[3]!, `${paths[3]!.slice(0, -4)}b.csv`),
    (paths: readonly string[]) => writeFile(`${paths[3]!.slice(0, -4)}b.csv`, header),
  ]) {
    const paths = await manyFiles();
    assert.equal((await verdictAfter(dirname(paths[0]!), () => change(paths))).kind, 'rewritten');
  }
});

test('many files: touched, or one more at the end', async () => {
  const paths = await manyFiles();
  const directory = dirname(paths[0]!);
  assert.equal((await verdictAfter(directory, () => utimes(paths[3]!, later, later))).kind, 'unchanged');
  assert.equal(
    (await verdictAfter(directory, () => writeFile(join(directory, '99.csv'), header))).kind,
    'grown',
  );
});

test('an identity of an early version names every file, and is still understood', async () => {
  const paths = await manyFiles();
  const source = await createSource(dirname(paths[0]!), { options: {}, stdin: Readable.from([]) });
  const position = (await endsOf(source)).at(-1)!;
  const { tail } = await source.identify(position);
  const files = await Promise.all(paths.map(async path => ({ path, ...(await fileIdentity(path)) })));
  const identity = JSON.parse(JSON.stringify({ files, tail }));
  assert.equal((await source.verify(identity, position)).kind, 'unchanged');
  await writeFile(paths[2]!, header);
  assert.equal((await source.verify(identity, position)).kind, 'rewritten');
  await source.close();
});
