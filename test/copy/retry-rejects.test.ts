import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { copy } from '#tranche/copy.js';
import type { TrancheError } from '#tranche/core/errors.js';
import { loadRound } from '#tranche/plan/retry/round.js';
import { countRejects, unresolvedOf } from '#tranche/plan/retry/unresolved.js';
import { type RetryPlan, retryRejects } from '#tranche/retry-rejects.js';
import { CheckpointFile } from '#tranche/state/checkpoint-store.js';
import { query } from '../helpers/sqlite-table.js';
import { Sink, Workplace } from '../helpers/workplace.js';

const all = { maxErrors: { percent: 100 } } as const;
const typed = { ...all, types: { others: 'infer', declared: { amount: 'integer' } } } as const;
const asText = { ...all, types: { others: 'infer', declared: { amount: 'text' } } } as const;

/** Every seventh amount is no number. */
function csv(count: number, from = 0): string {
  return Array.from({ length: count }, (_, i) => {
    const id = from + i;
    return `${id},"text é\n""${id}""",${id % 7 === 3 ? `x${id}` : id}\n`;
  }).join('');
}

const header = 'id,text,amount\n';

/** The ids in a target, in ascending order. */
function idsIn(place: Workplace, name: string): number[] {
  const text = place.read(name) ?? '';
  const ids = name.includes('ndjson')
    ? text
        .split('\n')
        .filter(Boolean)
        .map(line => Number(JSON.parse(line).id))
    : [...text.matchAll(/^(\d+),/gm)].map(([, id]) => Number(id));
  return ids.sort((a, b) => a - b);
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

async function retryInSteps(
  place: Workplace,
  source: string,
  target: string,
  options: Partial<RetryPlan>,
): Promise<number> {
  for (let runs = 1; runs < 100; runs++) {
    const { error, status } = await place.retry(source, target, { ...options, maxBatches: 1 });
    if (error) throw error;
    if (status === 'finished') return runs;
  }
  throw new Error('the retry does not come to its end');
}

test('rejects of every kind of input go behind what is in every kind of file, also when stopped after every batch', async () => {
  const text = header + csv(40);
  const sources = {
    'in.csv': text,
    'in.csv.gz': gzipSync(text),
    'latin1.csv': Buffer.from(text, 'latin1'),
    'utf16.csv': Buffer.from(`\ufeff${text}`, 'utf16le'),
    'in.ndjson': upTo(40)
      .map(id => `{"id":${id},"text":"é","amount":${id % 7 === 3 ? '"x"' : id}}\n`)
      .join(''),
  };
  const encodings = { 'latin1.csv': 'latin1', 'utf16.csv': 'utf-16' } as const;
  for (const [source, content] of Object.entries(sources)) {
    const encoding = source in encodings ? { encoding: encodings[source as keyof typeof encodings] } : {};
    for (const target of ['out.ndjson', 'out.csv', 'out.csv.gz', 'out.ndjson.gz']) {
      const [straight, stepwise] = [await Workplace.make(), await Workplace.make()];
      for (const place of [straight, stepwise]) {
        await place.write(source, content);
        await place.copy(source, target, { ...typed, ...encoding, overwrite: true });
        assert.equal((await place.left()).rejects.length, 6, `${source} to ${target}`);
      }
      const whole = await straight.retry(source, target, { ...asText, ...encoding, overwrite: true });
      assert.deepEqual([whole.status, whole.counts.written, whole.counts.rejected], ['finished', 6, 0]);
      assert.deepEqual(idsIn(straight, target), upTo(40), `${source} to ${target}`);
      assert.equal(await retryInSteps(stepwise, source, target, { ...asText, ...encoding, batchSize: 2 }), 4);
      assert.equal(stepwise.read(target), straight.read(target));
      assert.match(stepwise.read(target)!, /é/);
      assert.deepEqual(await stepwise.left(), { resolved: 6, rejects: [] });
      assert.ok(!stepwise.files().some(name => name.endsWith('.part')));
    }
  }
});

test('what fails again keeps its place and its history, and is not counted twice', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(10));
  await place.copy('in.csv', 'out.ndjson', typed);
  const [first] = (await place.left()).rejects;
  for (const again of [1, 2]) {
    const { counts, status } = await place.retry('in.csv', 'out.ndjson', typed);
    assert.deepEqual([status, counts.read, counts.rejected], ['finished', 1, 1]);
    const { resolved, rejects } = await place.left();
    assert.deepEqual([resolved, rejects.length], [0, 1]);
    const [reject] = rejects;
    assert.deepEqual([reject!.at, reject!.raw, reject!.number], [first!.at, first!.raw, 1]);
    assert.deepEqual([reject!.earlier.length, reject!.attempts], [again, again + 1]);
    assert.deepEqual(reject!.earlier[0], { reason: 'type', message: first!.message, time: first!.time });
  }
  await place.retry('in.csv', 'out.ndjson', asText);
  assert.deepEqual(await place.left(), { resolved: 1, rejects: [] });
  const nothing = await place.retry('in.csv', 'out.ndjson', asText);
  assert.deepEqual([nothing.nothingNew, nothing.counts.read], [true, 0]);
  assert.deepEqual(idsIn(place, 'out.ndjson'), upTo(10));
});

test('the job goes on behind the retry, and the retry behind the job', async () => {
  for (const options of [{}, { append: true }] as const) {
    for (const interrupted of [false, true]) {
      const place = await Workplace.make();
      await place.write('in.csv', header + csv(20));
      await place.copy('in.csv', 'out.ndjson', { ...typed, ...options });
      await place.retry('in.csv', 'out.ndjson', {
        ...asText,
        batchSize: 1,
        ...(interrupted ? { maxBatches: 2 } : {}),
      });
      // What a kill leaves behind the checkpoint.
      if (interrupted) await place.append('append' in options ? 'out.ndjson' : 'out.ndjson.part', '{"id":');
      await place.append('in.csv', csv(20, 20));
      const grown = await place.copy('in.csv', 'out.ndjson', { ...typed, ...options, resume: true });
      assert.deepEqual([grown.status, grown.counts.rejected], ['finished', 6]);
      const { resolved } = await place.left();
      assert.equal(resolved, interrupted ? 2 : 3);
      await place.retry('in.csv', 'out.ndjson', asText);
      assert.deepEqual(await place.left(), { resolved: 6, rejects: [] });
      await place.append('in.csv', csv(5, 40));
      await place.copy('in.csv', 'out.ndjson', { ...typed, ...options, resume: true });
      assert.deepEqual(
        idsIn(place, 'out.ndjson'),
        upTo(45).filter(id => id < 40 || id % 7 !== 3),
      );
    }
  }
});

test('a round that was stopped is finished by another question, which sends nothing of it twice', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', `${header}${csv(40)}short\n`);
  await place.copy('in.csv', 'out.csv', typed);
  const stopped = await place.retry('in.csv', 'out.csv', { ...asText, batchSize: 2, maxBatches: 2 });
  assert.deepEqual([stopped.status, stopped.counts.written], ['paused', 4]);
  assert.equal(place.read('out.csv'), null);
  const other = await place.retry('in.csv', 'out.csv', { ...asText, reasons: ['ragged'] });
  assert.deepEqual([other.status, other.counts.read, other.counts.rejected], ['finished', 1, 1]);
  assert.deepEqual((await place.left()).rejects.map(({ reason }) => reason).sort(), [
    'ragged',
    'type',
    'type',
  ]);
  await place.retry('in.csv', 'out.csv', { ...asText, reasons: ['type'] });
  assert.equal((await place.left()).resolved, 6);
  assert.deepEqual(idsIn(place, 'out.csv'), upTo(40));
});

test('a target that only waits for its name gets it, even where nothing is asked for', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(10));
  await place.copy('in.csv', 'out.csv', typed);
  await place.retry('in.csv', 'out.csv', { ...asText, maxBatches: 1 });
  assert.equal(place.read('out.csv'), null);
  await place.retry('in.csv', 'out.csv', { ...asText, reasons: ['constraint'] });
  assert.deepEqual(idsIn(place, 'out.csv'), upTo(10));
});

test('a table is not emptied again, and its ledger knows both', async () => {
  for (const mode of ['append', 'truncate', 'replace'] as const) {
    for (const batchSize of [2, 100]) {
      const place = await Workplace.make();
      await place.write('in.csv', header + csv(40));
      const target = 'sqlite.db';
      const options = { ...typed, mode, table: 't' };
      const url = `sqlite:${place.path(target)}`;
      const plan = { job: 'job', stateDir: place.path('state'), source: place.path('in.csv'), target: url };
      await copy({ ...plan, ...options });
      for (;;) {
        const { status, error } = await retryRejects({
          ...plan,
          ...options,
          ...asText,
          batchSize,
          maxBatches: 1,
        });
        assert.equal(error, null);
        if (status === 'finished') break;
      }
      const rows = await query(place.path(target), 'SELECT id FROM t ORDER BY id');
      assert.deepEqual(
        rows.map(([id]) => Number(id)),
        upTo(40),
      );
      assert.deepEqual(await place.left(), { resolved: 6, rejects: [] });
      const jobs = await query(place.path(target), 'SELECT job FROM tranche_ledger ORDER BY job');
      assert.deepEqual(jobs.flat(), ['job', 'job/retry']);
    }
  }
});

test('records that a changed transform can handle, or leaves out, are resolved', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(40));
  await place.write(
    'strict.mjs',
    'export default r => { if (r.id % 10 === 4) throw new Error("four"); return r; }',
  );
  await place.write('mild.mjs', 'export default r => (r.id > 20 ? null : { ...r, text: "mended" })');
  for (const target of ['out.csv', 'out.ndjson']) {
    const job = target.slice(4);
    await place.copy('in.csv', target, { ...all, job, transform: place.path('strict.mjs') });
    const again = await place.retry('in.csv', target, { job, transform: place.path('mild.mjs') });
    assert.deepEqual([again.counts.read, again.counts.written, again.counts.filtered], [4, 2, 2]);
    assert.equal(place.read(target)!.match(/mended/g)!.length, 2);
    const directory = place.path(`state/${job}`);
    const checkpoint = await new CheckpointFile(`${directory}/checkpoint.json`, job).load();
    assert.equal(countRejects(checkpoint!, await loadRound(directory, job)).resolved, 4);
  }
});

test('a thousand rejects with quoted newlines, each where it was', async () => {
  const place = await Workplace.make();
  const rows = upTo(1000)
    .map(id => `${id},"a\nb ""${id}""\n"\n`)
    .join('');
  await place.write('in.csv', header + rows);
  await place.copy('in.csv', 'out.ndjson', all);
  const before = (await place.left()).rejects;
  assert.equal(before.length, 1000);
  assert.equal(before[999]!.at.line, 2 + 999 * 3);
  await place.retry('in.csv', 'out.ndjson', { batchSize: 7 });
  const after = (await place.left()).rejects;
  assert.deepEqual(
    after.map(({ at, raw }) => [at, raw.toString()]),
    before.map(({ at, raw }) => [at, raw.toString()]),
  );
});

test('bytes that were no UTF-8 are read in the encoding that is named now', async () => {
  const place = await Workplace.make();
  await place.write(
    'in.csv',
    Buffer.concat([Buffer.from(`${header}1,ü,1\n`), Buffer.from('2,\x80ü,2\n', 'latin1')]),
  );
  await place.copy('in.csv', 'out.ndjson', all);
  assert.equal((await place.left()).rejects[0]!.reason, 'invalid_encoding');
  await place.retry('in.csv', 'out.ndjson');
  assert.equal((await place.left()).resolved, 0);
  await place.retry('in.csv', 'out.ndjson', { encoding: 'windows-1252' });
  assert.equal((await place.left()).resolved, 1);
  assert.match(place.read('out.ndjson')!, /"text":"ü".*\n.*"text":"€ü"/);
});

test('a record that was kept in part stays a reject that says why', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', `${header}1,${'é'.repeat(40_000)},x\n`);
  await place.copy('in.csv', 'out.ndjson', typed);
  const again = await place.retry('in.csv', 'out.ndjson', asText);
  assert.equal(again.counts.rejected, 1);
  const [reject] = (await place.left()).rejects;
  assert.match(
    reject!.message,
    /^only 6553\d of its 80004 bytes were kept: give the whole record back with --from$/,
  );
  assert.equal(reject!.length, 80_004);
  const line = { reject: idOf(place, 1), raw: `1,${'é'.repeat(40_000)},x` };
  await place.write('whole.ndjson', `${JSON.stringify(line)}\n`);
  await place.retry('in.csv', 'out.ndjson', { ...asText, from: place.path('whole.ndjson') });
  assert.equal((await place.left()).resolved, 1);
});

/** The name of a reject outside. */
function idOf(place: Workplace, number: number): string {
  return `r${String(place.checkpoint()!['id']).slice(0, 8)}-${number}`;
}

test('records given back: only they are sent, as they are there, in any order', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', `${header}1,a\n2,b\n3,c\n`);
  await place.copy('in.csv', 'out.ndjson', all);
  const rows = [
    `tranche_reject,id,text,amount`,
    `${idOf(place, 3)},3,"c\nc",3`,
    `"${idOf(place, 1)}",1,a,1`,
    '',
  ];
  await place.write('edited.csv', `\ufeff${rows.join('\r\n')}`);
  const from = place.path('edited.csv');
  const again = await place.retry('in.csv', 'out.ndjson', { from });
  assert.deepEqual([again.counts.written, again.counts.rejected], [2, 0]);
  assert.deepEqual(
    (await place.left()).rejects.map(({ number }) => number),
    [2],
  );
  assert.match(place.read('out.ndjson')!, /"text":"c\\nc"/);
  const nothing = await place.retry('in.csv', 'out.ndjson', { from });
  assert.equal(nothing.nothingNew, true);
  assert.ok(
    place.events.some(
      event => event.type === 'warning' && /2 of the records .* are resolved already/.test(event.message),
    ),
  );
});

test('records of JSON are given back as they stand in their lines, to the digit', async () => {
  const place = await Workplace.make();
  await place.write('in.ndjson', '{"id":1}\n{"id":12345678901234567890,"other":1.10,"raw":{"raw":1}}\n[1]\n');
  await place.copy('in.ndjson', 'out.ndjson', {
    ...all,
    types: { others: 'text', declared: { id: 'text' } },
    columns: ['id'],
  });
  const line = `{"reject":"${idOf(place, 1)}", "message": "\\",\\"raw\\":{", "raw": {"id":12345678901234567890, "x":"}"} }`;
  await place.write('edited.ndjson', `${line}\n`);
  const again = await place.retry('in.ndjson', 'out.ndjson', {
    from: place.path('edited.ndjson'),
    select: ['id'],
  });
  assert.equal(again.counts.written, 1, JSON.stringify((await place.left()).rejects));
  assert.match(place.read('out.ndjson')!, /12345678901234567890/);
});

test('what cannot be brought together with the rejects is refused before anything is sent', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', `${header}1,a\n2,b\n`);
  await place.copy('in.csv', 'out.ndjson', all);
  const id = idOf(place, 1);
  const head = 'tranche_reject,id,text,amount\n';
  const wrong: readonly [string, string | Buffer, RegExp][] = [
    ['a.csv', `${head}r00000000-1,1,a,1\n`, /row 2 is called "r00000000-1", which is no reject of job job/],
    ['b.csv', `${head}${id.replace(/1$/, '3')},1,a,1\n`, /no reject/],
    ['c.csv', `${head}${id},1,a,1\n${id},1,a,1\n`, /is there twice, again in row 3/],
    ['d.csv', `id,text,amount\n1,a,1\n`, /its columns are id, text, amount instead of/],
    ['e.csv', head.replaceAll(',', ';'), /its columns/],
    ['f.csv', `${head}${id},1,"a,1\n`, /row 2 has a quote that is never closed/],
    ['g.csv', Buffer.from(`${head}${id},1,\xe9,1\n`, 'latin1'), /not UTF-8/],
    ['h.ndjson', `{"raw":"1,a,1"}\n`, /line 1 does not say which reject it is/],
    ['i.ndjson', `{"raw":{"a":1},"reject":"${id}"}\n`, /"raw" is not its last key/],
    ['j.ndjson', `{`, /no JSON object/],
    ['k.txt', head, /a file whose name ends in/],
    ['empty.csv', '', /its columns are not there/],
  ];
  for (const [name, content, message] of wrong) {
    await place.write(name, content);
    const failed = await place
      .retry('in.csv', 'out.ndjson', { from: place.path(name) })
      .catch(error => error);
    const { code, message: text } = failed as TrancheError;
    assert.equal(code, 'usage', `${name}: ${text}`);
    assert.match(text, message);
  }
  assert.ok(!place.files().some(name => name.includes('round-')));
});

test('text given back that is no record, or several, is a reject again', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', `${header}1,a\n2,b\n3,c\n`);
  await place.copy('in.csv', 'out.ndjson', all);
  const raws = ['1,a,1\n1,b,2', '', '3,"c\nc",3'];
  const lines = raws.map((raw, i) => `${JSON.stringify({ reject: idOf(place, i + 1), raw })}\n`);
  await place.write('edited.ndjson', lines.join(''));
  const again = await place.retry('in.csv', 'out.ndjson', { from: place.path('edited.ndjson') });
  assert.deepEqual([again.counts.written, again.counts.rejected], [1, 2]);
  const { rejects } = await place.left();
  assert.deepEqual(
    rejects.map(({ message }) => message),
    ['2 records where there was one', 'there is no record in it'],
  );
  assert.deepEqual(
    rejects.map(({ raw }) => raw.toString()),
    raws.slice(0, 2),
  );
});

test('a job that is not finished keeps its rejects for later', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(20));
  await place.copy('in.csv', 'out.ndjson', { ...typed, batchSize: 5, maxBatches: 1 });
  await assert.rejects(place.retry('in.csv', 'out.ndjson'), { code: 'job_unfinished' });
  await assert.rejects(place.retry('in.csv', 'out.ndjson', { job: 'other' }), { code: 'usage' });
  assert.ok(!place.files().some(name => name.includes('other')));
});

test('a start from the beginning has new rejects', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(10));
  await place.copy('in.csv', 'out.ndjson', typed);
  await place.retry('in.csv', 'out.ndjson', asText);
  await place.copy('in.csv', 'out.ndjson', { ...typed, overwrite: true });
  const { resolved, rejects } = await place.left();
  assert.deepEqual([resolved, rejects.length], [0, 1]);
  assert.ok(!place.files().some(name => name.includes('round-')));
});

test('columns that are not those of a CSV target are refused', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(10));
  await place.copy('in.csv', 'out.csv', typed);
  const other = place.retry('in.csv', 'out.csv', { ...asText, select: ['text', 'id'] });
  await assert.rejects(other, {
    code: 'usage',
    message: /has the columns id, text, amount, and would get text, id/,
  });
});

test('to stdout without a second header', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(10));
  const stdout = new Sink();
  await place.copy('in.csv', '-', { ...typed, toFormat: 'csv' }, { stdout });
  await place.retry('in.csv', '-', { ...asText, toFormat: 'csv' }, { stdout });
  assert.equal(stdout.text.match(/id,text/g)!.length, 1);
  assert.match(stdout.text, /,x3\n$/);
});

test('a checkpoint that lags behind the ledger is caught up with before another question is answered', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', `${header}${csv(40)}short\n`);
  const url = `sqlite:${place.path('shop.db')}#t`;
  const plan = { job: 'job', stateDir: place.path('state'), source: place.path('in.csv'), target: url };
  await copy({ ...plan, ...typed });
  const step = { ...plan, ...asText, batchSize: 2, maxBatches: 1 };
  await retryRejects(step);
  const old = place.read('state/job/retry/round-1/checkpoint.json')!;
  await retryRejects(step);
  await place.write('state/job/retry/round-1/checkpoint.json', old);
  const other = await retryRejects({ ...plan, ...asText, reasons: ['type'] });
  assert.deepEqual([other.error, other.counts.read, other.counts.written], [null, 2, 2]);
  const rows = await query(place.path('shop.db'), 'SELECT id FROM t ORDER BY id');
  assert.deepEqual(
    rows.map(([id]) => Number(id)),
    upTo(40),
  );
  assert.equal((await place.left()).resolved, 6);
});

test('what was done out of order is not left', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(70));
  await place.copy('in.csv', 'out.ndjson', typed);
  await place.retry('in.csv', 'out.ndjson', { ...asText, batchSize: 1, maxBatches: 2 });
  const directory = place.path('state/job');
  const job = (await new CheckpointFile(`${directory}/checkpoint.json`, 'job').load())!;
  const round = (await loadRound(directory, 'job'))!;
  const end = round.checkpoint!.source.position!;
  const ahead = [
    { after: 1, records: 2, end },
    { after: 2, records: 1, end },
  ];
  const source = { ...round.checkpoint!.source, ahead };
  const numbers: number[] = [];
  for await (const { number } of unresolvedOf(job, {
    ...round,
    checkpoint: { ...round.checkpoint!, source },
  })) {
    numbers.push(number);
  }
  // Ten rejects: two are done in order, then the fourth, the fifth and the eighth.
  assert.deepEqual(numbers, [3, 6, 7, 9, 10]);
});
