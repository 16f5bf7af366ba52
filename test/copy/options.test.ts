import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { Sink, stdinOf, Workplace } from '../helpers/workplace.js';

const text = 'id,name\n1,Ada\n2,Grace\n3,Alan\n4,Edsger\n';
const all = { maxErrors: { percent: 100 } } as const;

async function placeWith(content: string, name = 'in.csv'): Promise<Workplace> {
  const place = await Workplace.make();
  await place.write(name, content);
  return place;
}

test('a target that exists is replaced or added to only if that was asked for', async () => {
  const place = await placeWith(text);
  await place.write('out.csv', 'id,name\n0,Zero\n');
  assert.equal((await place.copy('in.csv', 'out.csv')).error?.code, 'target_exists');
  assert.equal(place.read('out.csv'), 'id,name\n0,Zero\n');
  await place.copy('in.csv', 'out.csv', { append: true });
  assert.equal(place.read('out.csv'), `id,name\n0,Zero\n${text.slice(8)}`);
  await place.copy('in.csv', 'out.csv', { overwrite: true });
  assert.equal(place.read('out.csv'), text);
  await assert.rejects(place.copy('in.csv', 'out.csv', { overwrite: true, append: true }), { code: 'usage' });
});

test('appending in steps gives the bytes of appending at once', async () => {
  for (const target of ['out.csv', 'out.csv.gz']) {
    const place = await placeWith(text);
    await place.copy('in.csv', target);
    await place.copyInSteps('in.csv', target, { append: true, batchSize: 1, job: 'more' });
    assert.equal(place.read(target), text + text.slice(8));
  }
});

test('without checkpoints nothing is left but the result and the rejects', async () => {
  const place = await placeWith(text);
  await place.copy('in.csv', 'out.csv', { checkpoint: false });
  assert.deepEqual(place.files(), ['in.csv', 'out.csv']);
  await place.append('in.csv', 'short\n');
  const summary = await place.copy('in.csv', 'out.csv', { checkpoint: false, overwrite: true, ...all });
  assert.deepEqual(place.files(), ['in.csv', 'out.csv', 'state', 'state/job', 'state/job/rejects.ndjson']);
  assert.equal(summary.rejects, place.path('state/job/rejects.ndjson'));
});

test('a rehearsal reads and checks everything and writes nothing', async () => {
  const place = await placeWith(`${text}five,Barbara\nshort\n`);
  const types = { others: 'infer', declared: { id: 'integer' } } as const;
  const summary = await place.copy('in.csv', 'out.csv', { dryRun: true, types, ...all });
  assert.deepEqual(place.files(), ['in.csv']);
  assert.deepEqual(
    [summary.counts.read, summary.counts.written, summary.rejectedBy, summary.rejects],
    [6, 4, { type: 1, ragged: 1 }, null],
  );
  const started = place.events.find(({ type }) => type === 'started');
  assert.ok(started?.type === 'started');
  assert.deepEqual([started.target, started.guarantee], [place.path('out.csv'), 'nothing is written']);
  await assert.rejects(place.copy('in.csv', 'out.unknown', { dryRun: true }), { code: 'usage' });
});

test('a rehearsal of a job that has a checkpoint leaves it alone', async () => {
  const place = await placeWith(text);
  await place.copy('in.csv', 'out.csv', { batchSize: 1, maxBatches: 1 });
  const before = place.read('state/job/checkpoint.json');
  assert.equal((await place.copy('in.csv', 'out.csv', { dryRun: true })).counts.read, 4);
  assert.equal(place.read('state/job/checkpoint.json'), before);
});

test('NDJSON: to none: and in a rehearsal, keys are as free as in the real run', async () => {
  const sampled = Array.from({ length: 10_000 }, (_, i) => `{"id":${i}}\n`).join('');
  const place = await placeWith(`${sampled}{"later":1}\n`, 'in.ndjson');
  const rejected = async (target: string, options = {}) =>
    (await place.copy('in.ndjson', target, { ...all, ...options })).counts.rejected;
  assert.equal(await rejected('none:', { checkpoint: false }), 0);
  assert.equal(await rejected('out.ndjson', { dryRun: true }), 0);
  assert.equal(await rejected('out.csv', { dryRun: true }), 1);
  assert.equal(await rejected('out.csv', { dryRun: true, select: ['id'] }), 0);
});

test('many files, a pattern or a directory, in the order of their names', async () => {
  const place = await Workplace.make();
  mkdirSync(place.path('logs'));
  for (const name of ['10', '9', '1']) await place.write(`logs/${name}.csv`, `id\n${name}\n`);
  await place.copyInSteps('logs/*.csv', 'out.csv');
  assert.equal(place.read('out.csv'), 'id\n1\n10\n9\n');
  await place.copy('logs', 'other.csv', { job: 'other' });
  assert.equal(place.read('other.csv'), place.read('out.csv'));
  await place.write('logs/95.csv', 'id\n95\n');
  assert.equal((await place.copy('logs/*.csv', 'out.csv', { resume: true })).run.read, 1);
  assert.equal(place.read('out.csv'), 'id\n1\n10\n9\n95\n');
  await place.write('logs/a.ndjson', '{}\n');
  await assert.rejects(place.copy('logs', 'none:'), { code: 'usage' });
});

test('columns are selected, ordered and renamed; a name that is not there is named', async () => {
  const place = await placeWith(text);
  await place.copy('in.csv', 'out.csv', { select: ['name', 'id'], rename: { id: 'number' } });
  assert.equal(place.read('out.csv')!.split('\n')[1], 'Ada,1');
  assert.equal(place.read('out.csv')!.split('\n')[0], 'name,number');
  for (const [options, word] of [
    [{ select: ['nam'] }, /--select.*"nam" \(did you mean "name"\?\)/],
    [{ rename: { ID: 'x' } }, /--rename.*"ID" \(did you mean "id"\?\)/],
    [{ rename: { id: 'name' } }, /two columns named "name"/],
    [{ types: { others: 'infer', declared: { nmae: 'text' } } }, /nmae/],
  ] as const) {
    await assert.rejects(
      place.copy('in.csv', 'other.csv', { job: 'other', ...options }),
      (error: { code: string; message: string }) => error.code === 'usage' && word.test(error.message),
    );
    assert.equal(place.read('other.csv'), null);
  }
});

test('a transform to CSV: columns are learnt from its records and kept over a resume', async () => {
  const place = await placeWith(`id,name\n${Array.from({ length: 20 }, (_, i) => `${i},n${i}\n`).join('')}`);
  await place.write(
    'transform.mjs',
    `export default ({ id, name }, context) => {
      if (id < 3) return null;
      if (id === 7) throw new Error('seven');
      if (id === 8) return [{ key: id, line: context.line }, { key: -id, line: context.line }];
      return id < 12 ? { key: id, line: context.line } : { line: context.line, key: id };
    };`,
  );
  const options = { transform: place.path('transform.mjs'), ...all };
  const summary = await place.copy('in.csv', 'out.csv', options);
  assert.deepEqual(
    [summary.counts.read, summary.counts.written, summary.counts.filtered, summary.counts.rejected],
    [20, 16, 3, 1],
  );
  const lines = place.read('out.csv')!.split('\n');
  assert.deepEqual(lines.slice(0, 7), ['key,line', '3,5', '4,6', '5,7', '6,8', '8,10', '-8,10']);
  assert.match(place.rejects()[0]!.message, /Error: seven \(.*transform\.mjs:3/);
  const stepwise = await Workplace.make();
  await stepwise.write('in.csv', place.bytes('in.csv'));
  await stepwise.copyInSteps('in.csv', 'out.csv', { ...options, batchSize: 2 });
  assert.equal(stepwise.read('out.csv'), place.read('out.csv'));
});

test('a changed transform is a changed option', async () => {
  const place = await placeWith(text);
  await place.write('transform.mjs', 'export default record => record;');
  const options = { transform: place.path('transform.mjs'), batchSize: 1, maxBatches: 1 };
  await place.copy('in.csv', 'out.csv', options);
  await place.append('transform.mjs', '// another\n');
  await assert.rejects(place.copy('in.csv', 'out.csv', { ...options, resume: true }), {
    code: 'options_changed',
    message: /transform's text/,
  });
});

test('a transform that is none is refused before anything is written', async () => {
  const place = await placeWith(text);
  await place.write('none.mjs', 'export const x = 1;');
  await place.write('torn.mjs', 'export default (');
  for (const name of ['none.mjs', 'torn.mjs', 'missing.mjs']) {
    await assert.rejects(place.copy('in.csv', 'out.csv', { transform: place.path(name) }), (error: Error) =>
      error.message.includes(name),
    );
  }
  assert.equal(place.checkpoint(), null);
});

test('stopped before it began: paused, and nothing was changed', async () => {
  const place = await placeWith(text);
  const { reason, ...rest } = await stopped(place);
  assert.equal(reason, 'SIGTERM');
  assert.deepEqual(rest, { status: 'paused', read: 0 });
  assert.deepEqual([place.checkpoint(), place.read('out.csv.part')], [null, null]);
});

test('stopped while a gzip is wound forward, or before a transform answered: paused, not failed', async () => {
  const place = await placeWith(text);
  await place.write('transform.mjs', 'export default record => ({ key: record.id });');
  const controller = new AbortController();
  const summary = await place.copy(
    'in.csv',
    'out.csv',
    { transform: place.path('transform.mjs') },
    {
      signal: controller.signal,
      report: ({ type }) => {
        if (type === 'started') controller.abort('SIGINT');
      },
    },
  );
  assert.deepEqual([summary.status, summary.stopped, summary.error], ['paused', 'SIGINT', null]);
  const resumed = await place.copy('in.csv', 'out.csv', {
    transform: place.path('transform.mjs'),
    resume: true,
  });
  assert.equal(resumed.status, 'finished');
  assert.equal(place.read('out.csv'), 'key\n1\n2\n3\n4\n');
});

test('a reporter that fails stops nothing', async () => {
  const place = await placeWith(text);
  const report = () => {
    throw new Error('no');
  };
  assert.equal((await place.copy('in.csv', 'out.csv', {}, { report })).status, 'finished');
});

test('whoever closes the output stops the run quietly; it can be resumed', async () => {
  const place = await placeWith(`id\n${Array.from({ length: 50 }, (_, i) => `${i}\n`).join('')}`);
  const stdout = new (class extends Writable {
    left = 3;
    override _write(_chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
      done(this.left-- > 0 ? undefined : Object.assign(new Error('gone'), { code: 'EPIPE' }));
    }
  })();
  const options = { toFormat: 'csv', batchSize: 5 } as const;
  const summary = await place.copy('in.csv', '-', options, { stdout });
  assert.deepEqual([summary.status, summary.stopped, summary.error], ['paused', 'output closed', null]);
  const sink = new Sink();
  const rest = await place.copy('in.csv', '-', { ...options, resume: true }, { stdout: sink });
  assert.equal(rest.status, 'finished');
  assert.ok(sink.text.endsWith('48\n49\n'));
  assert.ok(!sink.text.includes('id'));
});

test('stdin through a transform, with a sample taken first', async () => {
  const place = await Workplace.make();
  await place.write('transform.mjs', 'export default async ({ id }) => ({ id: id * 2 });');
  const options = { format: 'csv', transform: place.path('transform.mjs') } as const;
  await place.copy('-', 'out.ndjson', options, { stdin: stdinOf(text) });
  assert.equal(place.read('out.ndjson'), '{"id":2}\n{"id":4}\n{"id":6}\n{"id":8}\n');
});

test('no file stays open', { skip: !existsSync('/proc/self/fd') }, async () => {
  const open = (directory: string) =>
    readdirSync('/proc/self/fd')
      .map(fd => {
        try {
          return readlinkSync(`/proc/self/fd/${fd}`);
        } catch {
          return '';
        }
      })
      .filter(path => path.startsWith(directory));
  const place = await placeWith(`${text}short\n`);
  await place.copy('in.csv', 'out.csv', all);
  await place.copy('in.csv', 'out.csv', all);
  await place.copy('in.csv', 'out.csv', { ...all, resume: true });
  assert.deepEqual(open(place.directory), []);
});

async function stopped(place: Workplace) {
  const controller = new AbortController();
  controller.abort('SIGTERM');
  const {
    status,
    stopped: reason,
    counts,
  } = await place.copy('in.csv', 'out.csv', {}, { signal: controller.signal });
  return { status, reason, read: counts.read };
}
