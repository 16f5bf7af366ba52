import assert from 'node:assert/strict';
import { test } from 'node:test';
import { copy } from '#tranche/copy.js';
import { Workplace } from '../helpers/workplace.js';

async function unfinished(target: string): Promise<Workplace> {
  const place = await Workplace.make();
  await place.write('in.csv', 'a\n1\n2\n3\n');
  await place.copy('in.csv', target, { batchSize: 1, maxBatches: 1 });
  return place;
}

test('a job that wrote to a file does not go on into nothing, and one into nothing not into a file', async () => {
  for (const [first, then] of [
    ['out.ndjson', 'none:'],
    ['none:', 'out.ndjson'],
  ] as const) {
    const place = await unfinished(first);
    await assert.rejects(place.copy('in.csv', then, { resume: true }), {
      code: 'target_changed',
      message: `the checkpoint is of another job job: it wrote to ${place.path(first)}, and this one is about ${place.path(then)}`,
    });
    assert.equal((await place.copy('in.csv', first, { resume: true })).counts.written, 3);
  }
});

test('a job that read a table does not go on with a file, and the other way round', async () => {
  const place = await unfinished('out.ndjson');
  const table = `sqlite:${place.path('t.db')}#t`;
  await copy({ source: place.path('in.csv'), target: table, stateDir: place.path('other') });
  const plan = { target: place.path('out.ndjson'), stateDir: place.path('state'), job: 'job', resume: true };
  await assert.rejects(copy({ ...plan, source: table }), { code: 'source_changed' });

  const back = { ...plan, target: place.path('back.ndjson'), job: 'back' };
  await copy({ ...back, source: table, batchSize: 1, maxBatches: 1 });
  await assert.rejects(copy({ ...back, source: place.path('in.csv') }), {
    code: 'source_changed',
    message: new RegExp(
      `^the checkpoint is of another job back: it read from ${table}, and this one is about `,
    ),
  });
});

test('a job that is given another file or database of the same kind says which was its own', async () => {
  for (const [first, then, missing] of [
    ['one.ndjson', 'two.ndjson', 'two.ndjson is gone'],
    ['sqlite:one.db#t', 'sqlite:two.db#t', 'two.db: the database is gone that this job was writing'],
  ] as const) {
    const place = await Workplace.make();
    await place.write('in.csv', 'a\n1\n2\n3\n');
    const named = (target: string) => target.replace(/(?=(one|two)\.)/, `${place.directory}/`);
    const plan = { source: place.path('in.csv'), job: 'job', stateDir: place.path('state'), batchSize: 1 };
    await copy({ ...plan, target: named(first), maxBatches: 1 });
    const { error } = await copy({ ...plan, target: named(then), resume: true });
    assert.equal(
      error?.message,
      `${place.path(missing)}; the job wrote to ${named(first)}, and is given ${named(then)} now`,
    );
    assert.match(error.hint!, /^give it the target of before, .*--job.*--fresh$/);
    assert.equal((await copy({ ...plan, target: named(first), resume: true })).counts.written, 3);
  }
});

test('a job does not go on in another table of its database', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', 'a\n1\n2\n3\n');
  const plan = { source: place.path('in.csv'), job: 'job', stateDir: place.path('state'), batchSize: 1 };
  const table = (name: string) => `sqlite:${place.path('t.db')}#${name}`;
  await copy({ ...plan, target: table('other'), job: 'before' });
  await copy({ ...plan, target: table('mine'), maxBatches: 1 });
  await assert.rejects(copy({ ...plan, target: table('other'), resume: true }), {
    code: 'target_changed',
    message: `the checkpoint is of another job job: it wrote to ${table('mine')}, and this one is about ${table('other')}`,
  });
});
