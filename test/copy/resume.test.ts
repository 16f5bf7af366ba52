import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { CopyPlan } from '#tranche/copy.js';
import { messageLines } from '#tranche/reporters/messages.js';
import { Sink, stdinOf, Workplace } from '../helpers/workplace.js';

/** Records with quoted newlines and, every seventh, a missing field. */
function csv(count: number, from = 0): string {
  return Array.from({ length: count }, (_, i) => {
    const id = from + i;
    return id % 7 === 3 ? `${id},short\n` : `${id},"text\n""${id}""",${id / 4}\n`;
  }).join('');
}

const header = 'id,text,quarter\n';
const all = { maxErrors: { percent: 100 } } as const;

test('stopped after every batch and resumed: the same bytes, rejects and counts', async () => {
  for (const source of ['in.csv', 'in.csv.gz', 'in.ndjson']) {
    for (const target of ['out.ndjson', 'out.csv', 'out.csv.gz', 'out.ndjson.gz']) {
      const text = header + csv(40);
      const ndjson = Array.from({ length: 40 }, (_, i) =>
        i % 7 === 3 ? '[1]\n' : `{"id":${i},"at":[${i}]}\n`,
      ).join('');
      const content = source === 'in.csv' ? text : source === 'in.ndjson' ? ndjson : gzipSync(text);
      const [straight, stepwise] = [await Workplace.make(), await Workplace.make()];
      for (const place of [straight, stepwise]) await place.write(source, content);
      const whole = await straight.copy(source, target, all);
      assert.equal(whole.status, 'finished');
      assert.ok(whole.counts.rejected > 0 && whole.counts.written > 0);
      const runs = await stepwise.copyInSteps(source, target, { ...all, batchSize: 6 });
      assert.equal(runs, 8);
      assert.equal(stepwise.read(target), straight.read(target));
      const rejectsOf = (place: Workplace) =>
        place.rejects().map(({ line, reason, raw }) => [line, reason, raw]);
      assert.deepEqual(rejectsOf(stepwise), rejectsOf(straight));
      const { counts, runs: kept, status } = stepwise.checkpoint() as never as Record<string, unknown>;
      assert.deepEqual([counts, kept, status], [whole.counts, 8, 'finished']);
      assert.deepEqual(
        stepwise.files().filter(name => name.includes('.part')),
        [],
      );
    }
  }
});

test('the output does not depend on the batch size', async () => {
  const outputs = new Set<string>();
  for (const how of [{ batchSize: 1 }, { batchSize: 7 }, { batchBytes: 50 }, {}]) {
    const place = await Workplace.make();
    await place.write('in.csv', header + csv(100));
    await place.copy('in.csv', 'out.csv', { ...all, ...how });
    outputs.add(place.read('out.csv')!);
  }
  assert.equal(outputs.size, 1);
});

test('the batch size may change from run to run', async () => {
  const [straight, stepwise] = [await Workplace.make(), await Workplace.make()];
  for (const place of [straight, stepwise]) await place.write('in.csv', header + csv(60));
  await straight.copy('in.csv', 'out.ndjson', all);
  for (const batchSize of [3, 17, 1, 8]) {
    await stepwise.copy('in.csv', 'out.ndjson', { ...all, batchSize, maxBatches: 2, resume: true });
  }
  await stepwise.copy('in.csv', 'out.ndjson', { ...all, resume: true });
  assert.equal(stepwise.read('out.ndjson'), straight.read('out.ndjson'));
});

test('stdin to stdout: what was read is passed over, what was written is not written again', async () => {
  const place = await Workplace.make();
  const text = header + csv(30);
  const stdout = new Sink();
  const options = { ...all, format: 'csv', toFormat: 'csv', batchSize: 4 } as const;
  await place.copyInSteps('-', '-', options, () => ({ stdin: stdinOf(text), stdout }));
  const whole = new Sink();
  const straight = await Workplace.make();
  await straight.copy('-', '-', options, { stdin: stdinOf(text), stdout: whole });
  assert.equal(stdout.text, whole.text);
  assert.equal(whole.text.match(/id,text/g)?.length, 1);
});

test('what was passed over of an input that cannot be sought is told at once and at the end', async () => {
  for (const [source, what] of [
    ['-', 'read stdin forward, the same bytes as before'],
    ['in.csv.gz', 'wound forward '],
  ] as const) {
    const place = await Workplace.make();
    await place.write('in.csv.gz', gzipSync(header + csv(30)));
    const run = (options: Partial<CopyPlan>) =>
      place.copy(
        source,
        'out.csv',
        { ...all, format: 'csv', batchSize: 4, resume: true, ...options },
        { stdin: stdinOf(header + csv(30)) },
      );
    assert.equal((await run({ maxBatches: 2 })).passedOver, null);
    const { position } = place.checkpoint()!['source'] as { position: { offset: number } };
    const told = { what: source === '-' ? what : what + place.path(source), bytes: position.offset };
    const { passedOver, status } = await run({});
    assert.deepEqual([passedOver, status], [told, 'finished']);
    const lines = place.events.flatMap(event => messageLines(event, false));
    assert.ok(lines.includes(`${told.what}: ${told.bytes} bytes`));
    if (source === '-') assert.equal((await run({})).passedOver?.bytes, Buffer.byteLength(header + csv(30)));
  }
});

test('stdin with other bytes than before is a changed source', async () => {
  const place = await Workplace.make();
  const options = { ...all, format: 'csv', batchSize: 4 } as const;
  await place.copy('-', 'out.csv', { ...options, maxBatches: 1 }, { stdin: stdinOf(header + csv(30)) });
  const other = stdinOf(header + csv(30, 1));
  const summary = await place.copy('-', 'out.csv', { ...options, resume: true }, { stdin: other });
  assert.equal(summary.error?.code, 'source_changed');
});

test('finished and unchanged: nothing new, nothing touched', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(10));
  await place.copy('in.csv', 'out.csv', all);
  const before = [place.read('out.csv'), place.read('state/job/checkpoint.json')];
  const summary = await place.copy('in.csv', 'out.csv', { ...all, resume: true });
  assert.equal(summary.nothingNew, true);
  assert.equal(summary.status, 'finished');
  assert.equal(summary.run.read, 0);
  assert.deepEqual([place.read('out.csv'), place.read('state/job/checkpoint.json')], before);
});

test('finished and grown: what is new is appended, with one header', async () => {
  for (const target of ['out.csv', 'out.csv.gz', 'out.ndjson']) {
    const [growing, whole] = [await Workplace.make(), await Workplace.make()];
    await growing.write('in.csv', header);
    for (let from = 0; from < 30; from += 10) {
      if (from > 0) await growing.append('in.csv', csv(10, from - 10));
      const summary = await growing.copy('in.csv', target, { ...all, resume: true });
      assert.deepEqual([summary.status, summary.run.read], ['finished', from > 0 ? 10 : 0]);
      assert.ok(growing.read(target) !== null && growing.read(`${target}.part`) === null);
    }
    await whole.write('in.csv', header + csv(20));
    await whole.copy('in.csv', target, all);
    assert.equal(growing.read(target), whole.read(target));
  }
});

test('an input that is empty at first: its columns are learnt when it has some', async () => {
  for (const [source, text] of [
    ['in.csv', 'id,text\n1,a\n'],
    ['in.ndjson', '{"id":1,"text":"a"}\n'],
  ] as const) {
    for (const [target, expected] of [
      ['out.csv', 'id,text\n1,a\n'],
      ['out.ndjson', '{"id":1,"text":"a"}\n'],
    ] as const) {
      const place = await Workplace.make();
      await place.write(source, '');
      assert.equal((await place.copy(source, target, { resume: true })).status, 'finished');
      await place.append(source, text);
      const summary = await place.copy(source, target, { resume: true });
      assert.deepEqual([summary.error, summary.status], [null, 'finished'], `${source} to ${target}`);
      assert.equal(place.read(target), expected);
    }
  }
});

test('a rewritten input: refused, continued or begun again, as was asked', async () => {
  const place = await Workplace.make();
  const rewrite = () => place.write('in.csv', header + csv(20, 1));
  await place.write('in.csv', header + csv(20));
  await place.copy('in.csv', 'out.csv', { ...all, batchSize: 5, maxBatches: 2 });
  await rewrite();
  const resume = { ...all, resume: true } as const;
  await assert.rejects(
    place.copy('in.csv', 'out.csv', resume),
    (error: { code: string; message: string }) => {
      return error.code === 'source_changed' && /it was .* it is /s.test(error.message);
    },
  );
  assert.equal(
    (await place.copy('in.csv', 'out.csv', { ...resume, onChange: 'restart' })).status,
    'finished',
  );
  demandWarning(place, 'starting from the beginning');
  const fresh = await Workplace.make();
  await fresh.write('in.csv', header + csv(20, 1));
  await fresh.copy('in.csv', 'out.csv', all);
  assert.equal(place.read('out.csv'), fresh.read('out.csv'));

  const other = await Workplace.make();
  await other.write('in.csv', 'id\n1\n2\n3\n4\n');
  await other.copy('in.csv', 'out.csv', { batchSize: 2, maxBatches: 1 });
  await other.write('in.csv', 'id\n7\n8\n3\n4\n');
  assert.equal(
    (await other.copy('in.csv', 'out.csv', { resume: true, onChange: 'continue' })).status,
    'finished',
  );
  assert.equal(other.read('out.csv'), 'id\n1\n2\n3\n4\n');
  demandWarning(other, 'going on behind the checkpoint');
});

/** One warning, with what the input was and what it is. */
function demandWarning({ events }: Workplace, what: string): void {
  const warnings = events.flatMap(event => (event.type === 'warning' ? event.message : []));
  assert.equal(warnings.length, 1);
  const identity = String.raw`\d+ bytes of [-0-9T:.]+Z, head [0-9a-f]{12}`;
  assert.match(warnings[0]!, new RegExp(`it was .*in\\.csv: ${identity}; it is ${identity}; ${what}`));
}

test('an unfinished job needs --resume or --fresh; --fresh begins again', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(20));
  await place.copy('in.csv', 'out.csv', { ...all, batchSize: 5, maxBatches: 1 });
  const before = place.files();
  await assert.rejects(place.copy('in.csv', 'out.csv', all), { code: 'job_unfinished' });
  assert.deepEqual(place.files(), before);
  await assert.rejects(place.copy('in.csv', 'out.csv', { ...all, resume: true, fresh: true }), {
    code: 'usage',
  });
  const summary = await place.copy('in.csv', 'out.csv', { ...all, fresh: true });
  assert.deepEqual([summary.status, summary.run.read], ['finished', 20]);
  assert.equal(place.rejects().length, summary.counts.rejected);
});

test('--fresh needs no readable checkpoint', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(20));
  await place.copy('in.csv', 'out.csv', { ...all, batchSize: 5, maxBatches: 1 });
  await place.write('state/job/checkpoint.json', '{"torn":');
  await assert.rejects(place.copy('in.csv', 'out.csv', { ...all, resume: true }), {
    code: 'checkpoint_unreadable',
  });
  await assert.rejects(place.copy('in.csv', 'out.csv', all), { code: 'checkpoint_unreadable' });
  assert.equal((await place.copy('in.csv', 'out.csv', { ...all, fresh: true })).status, 'finished');
});

test('options that change what is written are named when they change; defaults may be said or not', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(20));
  await place.copy('in.csv', 'out.csv', {
    ...all,
    batchSize: 5,
    maxBatches: 1,
    types: { others: 'infer', declared: {} },
  });
  const resume = { ...all, resume: true, maxBatches: 1, batchSize: 1 } as const;
  await assert.rejects(
    place.copy('in.csv', 'out.csv', { ...resume, select: ['id'], header: false, skip: 3 }),
    (error: { code: string; message: string }) => {
      assert.equal(error.code, 'options_changed');
      for (const name of ['--select', '--header', '--skip']) assert.ok(error.message.includes(name), name);
      return true;
    },
  );
  const same = { encoding: 'utf-8', escapeFormulas: false, header: true, retries: 1 } as const;
  assert.equal((await place.copy('in.csv', 'out.csv', { ...resume, ...same })).status, 'paused');
});

test('a command that fails before it writes leaves a finished job as it was', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(5));
  await place.copy('in.csv', 'out.csv', all);
  const checkpoint = place.read('state/job/checkpoint.json');
  const summary = await place.copy('in.csv', 'out.csv', all);
  assert.equal(summary.error?.code, 'target_exists');
  assert.equal(place.read('state/job/checkpoint.json'), checkpoint);
  assert.equal((await place.copy('in.csv', 'out.csv', { ...all, resume: true })).nothingNew, true);
});

test('a first run that fails before it writes leaves no checkpoint', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(5));
  await place.write('out.csv', 'somebody else\n');
  assert.equal((await place.copy('in.csv', 'out.csv', all)).error?.code, 'target_exists');
  assert.equal(place.checkpoint(), null);
  assert.equal((await place.copy('in.csv', 'out.csv', { ...all, overwrite: true })).status, 'finished');
});

test('a limit stops in the middle of a batch, and a higher one goes on there', async () => {
  for (const source of ['in.csv', 'in.csv.gz']) {
    const place = await Workplace.make();
    await place.write(source, source === 'in.csv' ? header + csv(20) : gzipSync(header + csv(20)));
    for (const limit of [3, 4, 11, 100]) {
      const summary = await place.copy(source, 'out.csv', { ...all, limit, skip: 2, resume: true });
      assert.deepEqual(
        [summary.status, summary.counts.read, summary.counts.skipped],
        ['finished', Math.min(limit + 2, 20), 2],
      );
    }
    const whole = await Workplace.make();
    await whole.write(source, place.bytes(source));
    await whole.copy(source, 'out.csv', { ...all, skip: 2 });
    assert.equal(place.read('out.csv'), whole.read('out.csv'));
  }
});

test('limit on stdin, resumed', async () => {
  const place = await Workplace.make();
  const text = header + csv(20);
  const options = { ...all, format: 'csv', resume: true } as const;
  for (const limit of [5, 9])
    await place.copy('-', 'out.csv', { ...options, limit }, { stdin: stdinOf(text) });
  await place.copy('-', 'out.csv', options, { stdin: stdinOf(text) });
  const whole = await Workplace.make();
  await whole.write('in.csv', text);
  await whole.copy('in.csv', 'out.csv', all);
  assert.equal(place.read('out.csv'), whole.read('out.csv'));
});

test('--max-errors: stops behind the record that is one too many, and goes on behind it', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', header + csv(40)); // 3, 10, 17, 24, 31 and 38 are short
  const read: number[] = [];
  for (let run = 0; run < 5; run++) {
    const summary = await place.copy('in.csv', 'out.csv', { maxErrors: { count: 1 }, resume: true });
    read.push(summary.counts.read);
    if (summary.status === 'finished') break;
    assert.equal(summary.error?.code, 'too_many_rejects');
  }
  assert.deepEqual(read, [11, 25, 39, 40]);
  const whole = await Workplace.make();
  await whole.write('in.csv', header + csv(40));
  await whole.copy('in.csv', 'out.csv', all);
  assert.equal(place.read('out.csv'), whole.read('out.csv'));
  assert.deepEqual(
    place.rejects().map(({ line }) => line),
    whole.rejects().map(({ line }) => line),
  );
});
