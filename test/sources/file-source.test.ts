import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { TrancheError } from '#tranche/core/errors.js';
import type { TextRecords } from '#tranche/core/records.js';
import type { Source } from '#tranche/core/source.js';
import { cellText } from '#tranche/formats/cells.js';
import { createSource } from '#tranche/sources/index.js';
import type { SourceOptions } from '#tranche/sources/source-kind.js';
import { type Found, readSource } from '../helpers/read-source.js';
import { temporaryDirectory } from '../helpers/temporary.js';

const directory = await temporaryDirectory();
let files = 0;

/** Reads a text as a file of the given ending. */
async function readText(text: string | Buffer, options: SourceOptions = {}, ending = 'csv') {
  const path = join(directory, `${files++}.${ending}`);
  await writeFile(path, text);
  const source = await open(path, options);
  const read = await readSource(source);
  await source.close();
  return { ...read, path };
}

function open(path: string, options: SourceOptions = {}): Promise<Source> {
  return createSource(path, { options, stdin: Readable.from([]) });
}

function places(records: readonly Found[]) {
  return records.map(({ at, raw, length, reason }) => ({
    line: at.line,
    offset: at.offset,
    record: at.record,
    ...(reason ? { reason } : {}),
    ...(length > Buffer.byteLength(raw) ? { length } : { raw }),
  }));
}

test('lines, offsets and numbers of records, good and bad, with all line endings', async () => {
  const text = '\ufeffid,"te\nxt"\r\n1,"a\r\nb"\r\n2\r\n\r\n3,"x\n\ny"\n4,é\r5,"c\rd"\n6,7,8\n7,end';
  const { records, ends } = await readText(text);
  const at = (piece: string) => Buffer.byteLength(text.slice(0, text.indexOf(piece)));
  assert.deepEqual(places(records), [
    { line: 3, offset: at('1,"a'), record: 1, raw: '1,"a\r\nb"' },
    { line: 5, offset: at('2\r'), record: 2, reason: 'ragged', raw: '2' },
    { line: 7, offset: at('3,"x'), record: 3, raw: '3,"x\n\ny"' },
    { line: 10, offset: at('4,é'), record: 4, raw: '4,é' },
    { line: 11, offset: at('5,"c'), record: 5, raw: '5,"c\rd"' },
    { line: 13, offset: at('6,7,8'), record: 6, reason: 'ragged', raw: '6,7,8' },
    { line: 14, offset: at('7,end'), record: 7, raw: '7,end' },
  ]);
  const { line, offset, record, unterminated } = ends.at(-1)!;
  assert.deepEqual([line, offset, record, unterminated], [14, Buffer.byteLength(text), 7, true]);
});

test('a lone CR in JSON is white space, not the end of a line', async () => {
  const { records, ends } = await readText('{"a":\r1}\r\n\n{"a":2}\n{"a"\r}\n{"a":3}\n', {}, 'ndjson');
  assert.deepEqual(
    records.map(({ at, reason }) => [at.line, reason]),
    [
      [1, null],
      [3, null],
      [4, 'invalid_json'],
      [5, null],
    ],
  );
  assert.equal(ends.at(-1)!['line'], 6);
});

test('positions of a batch may be asked for in any order', async () => {
  const text = `id\n${Array.from({ length: 30 }, (_, i) => `${i}\n`).join('')}`;
  const bytes = Buffer.from(text);
  const zipped = Buffer.concat(
    [0, 20, 40].map(at => gzipSync(bytes.subarray(at, at + (at < 40 ? 20 : 999)))),
  );
  const path = join(directory, 'members.csv.gz');
  await writeFile(path, zipped);
  for (const spec of [path, '-']) {
    const stdin = () => Readable.from([bytes], { objectMode: false });
    const create = () => createSource(spec, { options: { format: 'csv' }, stdin: stdin() });
    const source = await create();
    const asked: { index: number; position: Found['after'] }[] = [];
    const { columns } = await readSource(source, {
      each: batch => {
        for (const index of [29, 3, 17, 0, 11]) asked.push({ index, position: batch.positionAfter(index) });
      },
    });
    await source.close();
    for (const { index, position } of asked) {
      const again = await create();
      const { records } = await readSource(again, { from: position, columns });
      assert.deepEqual(
        records.map(({ raw }) => raw),
        Array.from({ length: 29 - index }, (_, i) => `${index + 1 + i}`),
      );
      await again.close();
    }
  }
});

test('records straddle windows: nothing is lost, moved or mixed up', async () => {
  // 9 MB: windows of 4 MiB are left twice, in the middle of a batch and of a record.
  const rows = Array.from({ length: 90_000 }, (_, i) => {
    if (i % 1000 === 13) return `${i},ragged`;
    if (i % 1000 === 14) return `${i},,`;
    return `${i},${i % 7 === 0 ? '' : `"value ""${i}"" é"`},${'x'.repeat(60 + (i % 41))}`;
  });
  const path = join(directory, 'large.csv');
  await writeFile(path, `id,text,filler\n${rows.join('\n')}\n`);
  for (const limits of [
    { records: 10_000, bytes: 8 << 20 },
    { records: 100_000, bytes: 100 << 20 },
  ]) {
    const source = await open(path);
    let row = 0;
    let bad = 0;
    const { columns } = await source.describe(new AbortController().signal);
    const how = { from: null, limits, columns, cells: true, signal: new AbortController().signal };
    for await (const batch of source.open({ ...how, progressing: () => {} })) {
      const records = batch.records as TextRecords;
      for (let index = 0; index < records.count; index++, row++) {
        if (row % 1000 === 13) row++;
        assert.equal(cellText(records, index * 3), `${row}`);
        const text = row % 7 === 0 || row % 1000 === 14 ? null : `value "${row}" é`;
        assert.equal(cellText(records, index * 3 + 1), text);
        if (row % 500 === 0) assert.equal(batch.raw(index).raw.toString(), rows[row]);
      }
      for (const { at, raw } of batch.malformed) {
        assert.equal(raw.toString(), rows[13 + 1000 * bad++]);
        assert.equal(at.line, at.record + 1);
      }
      batch.release();
    }
    assert.equal(row, 90_000);
    assert.equal(bad, 90);
    await source.close();
  }
});

test('records that are too long, wherever they are', async () => {
  const maxRecordBytes = 100;
  const long = (n: number) => `9,"${'x\n'.repeat(n)}"`;
  for (const ending of ['\n', '\r\n']) {
    const rows = [
      long(60),
      '1,a',
      long(100),
      long(3_000_000),
      '2,b',
      `3,${'y'.repeat(98)}`,
      long(49),
      long(48),
    ];
    const text = `id,text${ending}${rows.join(ending)}`;
    for (const final of ['', ending]) {
      const { records } = await readText(text + final, { maxRecordBytes });
      assert.deepEqual(
        records.map(({ reason, length }) => [reason, length]),
        rows.map(row => [row.length > maxRecordBytes ? 'too_long' : null, row.length]),
      );
      let [offset, line] = [7 + ending.length, 2];
      for (const [i, { at, raw }] of records.entries()) {
        assert.deepEqual([at.offset, at.line, at.record], [offset, line, i + 1]);
        assert.ok(rows[i]!.startsWith(raw));
        offset += rows[i]!.length + ending.length;
        line += rows[i]!.split('\n').length;
      }
    }
  }
});

test('a too long record at the end of a window', async () => {
  const filler = `1,${'x'.repeat(97)}\n`;
  const rows = Math.floor((4 * 1024 * 1024 - 150_000) / filler.length);
  const text = `id,text\n${filler.repeat(rows)}2,${'y'.repeat(3_000_000)}\n3,z\n`;
  const { records } = await readText(text, { maxRecordBytes: 100 });
  assert.deepEqual(
    places(records.slice(rows)).map(({ line, offset, reason }) => [line, offset, reason]),
    [
      [rows + 2, 8 + rows * filler.length, 'too_long'],
      [rows + 3, text.length - 4, undefined],
    ],
  );
});

test('a record of the largest size is none too long, whichever byte arrives last', async () => {
  const text = Buffer.from(`id,text\r\n1,${'x'.repeat(38)}\r\n2,b\r\n`);
  for (let cut = 1; cut < text.length; cut++) {
    const stdin = Readable.from([text.subarray(0, cut), text.subarray(cut)], { objectMode: false });
    const source = await createSource('-', { options: { format: 'csv', maxRecordBytes: 40 }, stdin });
    const { records } = await readSource(source);
    assert.deepEqual(
      records.map(({ reason }) => reason),
      [null, null],
    );
    await source.close();
  }
});

test('a too long record does not depend on how it is read', async () => {
  const maxRecordBytes = 40;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 120 }), { maxLength: 12 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      async (lengths, ending, chunk, size, final) => {
        const rows = lengths.map((n, i) => `${i},${'é'.repeat(n >> 1)}${n % 3 === 0 ? ',ragged' : ''}`);
        const bytes = Buffer.from(`id,text${ending}${rows.join(ending)}${final ? ending : ''}`);
        const pieces = Array.from({ length: Math.ceil(bytes.length / chunk) }, (_, i) =>
          bytes.subarray(i * chunk, (i + 1) * chunk),
        );
        const source = await createSource('-', {
          options: { format: 'csv', maxRecordBytes },
          stdin: Readable.from(pieces, { objectMode: false }),
        });
        const { records } = await readSource(source, { limits: { records: size } });
        await source.close();
        assert.deepEqual(
          records.map(({ length, reason, at }) => [length, reason, at.record]),
          rows.map((row, i) => {
            const length = Buffer.byteLength(row);
            const reason = row.includes('ragged') ? 'ragged' : null;
            return [length, length > maxRecordBytes ? 'too_long' : reason, i + 1];
          }),
        );
        for (const [i, { raw, length }] of records.entries()) {
          const begun = raw.replace(/\ufffd$/, '');
          assert.ok(rows[i]!.startsWith(begun), `${begun} of ${rows[i]}`);
          assert.ok(Buffer.byteLength(raw) >= Math.min(length, maxRecordBytes));
        }
      },
    ),
    { numRuns: 60 },
  );
});

test('blank lines alone do not fill the memory', async () => {
  const path = join(directory, 'blank.ndjson');
  await writeFile(path, `{"a":1}\n${'\n'.repeat(6_000_000)}{"a":2}\n`);
  const source = await open(path);
  let largest = 0;
  const { records } = await readSource(source, {
    limits: { bytes: 100_000 },
    each: batch => {
      largest = Math.max(largest, batch.bytes);
    },
  });
  assert.deepEqual(
    records.map(({ at }) => at.line),
    [1, 6_000_002],
  );
  assert.ok(largest < 3_500_000, `a batch of ${largest} bytes`);
  await source.close();
});

test('a last line without line ending is a record, and its line ending may come later', async () => {
  for (const late of ['\n3,c\n', '\r\n3,c\n', '\n', '\r3,c\n']) {
    const { path, ends, columns, records } = await readText('id,text\n1,a\n2,b');
    assert.deepEqual(
      records.map(({ raw }) => raw),
      ['1,a', '2,b'],
    );
    const identity = await identityOf(path, ends.at(-1)!);
    await appendFile(path, late);
    const again = await open(path);
    assert.equal((await again.verify(identity, ends.at(-1)!)).kind, 'grown');
    const rest = await readSource(again, { from: ends.at(-1)!, columns });
    const expected = late.includes('3')
      ? [{ line: 4, offset: 15 + late.indexOf('3'), record: 3, raw: '3,c' }]
      : [];
    assert.deepEqual(places(rest.records), expected);
    assert.equal(rest.ends.at(-1)!['line'], late.includes('3') ? 5 : 4);
    await again.close();
  }
});

test('a last line that was continued is a rewritten input, never half a record', async () => {
  const texts: readonly [string, SourceOptions, (text: string) => Buffer][] = [
    ['csv', {}, text => Buffer.from(text)],
    ['csv.gz', {}, text => gzipSync(text)],
    ['csv', { encoding: 'utf-16' }, text => Buffer.from(text, 'utf16le')],
  ];
  for (const [ending, options, encode] of texts) {
    for (const [more, kind] of [
      ['x\n', 'rewritten'],
      ['\n3,c\n', 'grown'],
    ] as const) {
      const { path, ends, columns } = await readText(encode('id,text\n1,a\n2,b'), options, ending);
      const identity = await identityOf(path, ends.at(-1)!, options);
      await appendFile(path, encode(more));
      const again = await open(path, options);
      const verdict = await again.verify(identity, ends.at(-1)!);
      assert.equal(verdict.kind, kind);
      const rest = readSource(again, { from: ends.at(-1)!, columns });
      if (kind === 'grown') assert.equal((await rest).records.length, 1);
      else await assert.rejects(rest, { code: 'source_changed' });
      await again.close();
    }
  }
});

test('looked at again without growth, a last line without line ending is remembered as such', async () => {
  const { path, ends, columns } = await readText('id,text\n1,a\n2,b');
  const source = await open(path);
  const { ends: same } = await readSource(source, { from: ends.at(-1)!, columns });
  await source.close();
  assert.deepEqual(same.at(-1), ends.at(-1));
});

test('whole lines: a last line without line ending is left, a torn header too', async () => {
  const options = { wholeLines: true };
  const path = join(directory, 'growing.csv');
  const seen: string[] = [];
  let from: Found['after'] | null = null;
  for (const piece of ['id,te', 'xt\n', '1,', 'a\n2,"b', '\n"', '\r', '\n3,c\n4']) {
    await appendFile(path, piece);
    const source = await open(path, options);
    const read = await readSource(source, { from });
    seen.push(...read.records.map(({ raw }) => raw));
    from = read.ends.at(-1) ?? from;
    assert.equal(from?.['unterminated'], false);
    await source.close();
  }
  assert.deepEqual(seen, ['1,a', '2,"b\n"', '3,c']);
});

test('whole lines: only the last file of several is still being written', async () => {
  const logs = await temporaryDirectory();
  await writeFile(join(logs, '1.csv'), 'id\n1\n2');
  await writeFile(join(logs, '2.csv'), 'id\n3\n4');
  const source = await open(logs, { wholeLines: true });
  const { records, ends, columns } = await readSource(source);
  assert.deepEqual(
    records.map(({ raw }) => raw),
    ['1', '2', '3'],
  );
  await source.close();
  await writeFile(join(logs, '3.csv'), 'id\n5\n');
  const again = await open(logs, { wholeLines: true });
  const rest = await readSource(again, { from: ends.at(-1)!, columns });
  assert.deepEqual(
    rest.records.map(({ raw }) => raw),
    ['4', '5'],
  );
  await again.close();
});

test('a file of the list with another header is refused by name', async () => {
  const logs = await temporaryDirectory();
  await writeFile(join(logs, '1.csv'), 'id,name\n1,a\n');
  await writeFile(join(logs, '2.csv'), 'name,id\nb,2\n');
  const source = await open(logs);
  await assert.rejects(readSource(source), (error: unknown) => {
    assert.ok(error instanceof TrancheError && error.code === 'source_changed');
    return error.message.includes('2.csv') && error.message.includes('name, id');
  });
  await source.close();
});

test('names of files do not depend on where a run was started', async () => {
  const logs = await temporaryDirectory();
  await writeFile(join(logs, 'a.csv'), 'id\n1\n');
  const source = await open(join(logs, '*.csv'));
  const { records } = await readSource(source);
  assert.equal(records[0]!.at.file, join(logs, 'a.csv'));
  await source.close();
});

test('NDJSON: keys that come up later are rejects, unless columns were selected', async () => {
  const sampled = Array.from({ length: 10_000 }, (_, i) => `{"id":${i}}\n`).join('');
  const text = `${sampled}{"later":{"x":[1]},"id":-1}\n{"id":-2,"later":1}\n`;
  const strict = await readText(text, {}, 'ndjson');
  assert.deepEqual(
    strict.records.slice(10_000).map(({ reason }) => reason),
    ['unknown_key', 'unknown_key'],
  );
  const relaxed = await readText(text, { select: ['id'] }, 'ndjson');
  assert.deepEqual(
    relaxed.records.slice(9_999).map(({ reason }) => reason),
    [null, null, null],
  );
});

test('a wait for stdin ends when the run is stopped, while it is sampled and while it is read', async () => {
  for (const sampling of [true, false]) {
    const stdin = new PassThrough();
    stdin.write('id\n1\n');
    const source = await createSource('-', { options: { format: 'csv' }, stdin });
    const controller = new AbortController();
    setImmediate(() => controller.abort('SIGINT'));
    const columns = [{ name: 'id', type: 'text', declared: false }] as const;
    if (sampling) await source.describe(controller.signal);
    else assert.deepEqual((await readSource(source, { columns, signal: controller.signal })).records, []);
    await source.close();
  }
});

test('a position in words', async () => {
  const { path, ends } = await readText(`id\n${'1\n'.repeat(1234)}`);
  assert.equal((await open(path)).tell(ends.at(-1)!), `${path}, byte 2,471, record 1,234`);
});

test('errors of a source that cannot be read name it', async () => {
  await assert.rejects(open(join(directory, 'missing.csv')), { code: 'source_missing' });
  await assert.rejects(open(join(directory, '*.missing')), { code: 'source_missing' });
  await assert.rejects(open('-'), { code: 'usage' });
  const source = await open(join(directory, 'gone.csv')).catch(error => error);
  assert.equal(source.code, 'source_missing');
});

async function identityOf(path: string, position: Found['after'], options: SourceOptions = {}) {
  const source = await open(path, options);
  const identity = await source.identify(position);
  await source.close();
  return JSON.parse(JSON.stringify(identity));
}
