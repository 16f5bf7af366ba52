import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Workplace } from '../helpers/workplace.js';

interface Line {
  readonly event: string;
  readonly run: number;
  readonly [detail: string]: unknown;
}

test('the journal tells what happened, one line an event', async () => {
  const place = await Workplace.make();
  await place.write('in.csv', 'id,name\n1,a\n2\n3,c\n4,d\n');
  const options = { batchSize: 2, maxErrors: { count: 1 } } as const;
  await place.copy('in.csv', 'out.ndjson', { ...options, maxBatches: 1 });
  await place.copy('in.csv', 'out.ndjson', { ...options, resume: true });
  const lines = readFileSync(place.path('state/job/journal.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Line);
  const eventsOf = (run: number): string[] =>
    lines.filter(line => line.run === run).map(({ event }) => event);
  assert.deepEqual(eventsOf(1), ['started', 'reject', 'checkpoint', 'paused']);
  assert.deepEqual([...new Set(eventsOf(2))], ['resumed', 'checkpoint', 'finished']);
  const { line, offset, reason } = lines.find(({ event }) => event === 'reject')!;
  assert.deepEqual({ line, offset, reason }, { line: 3, offset: 12, reason: 'ragged' });
  const last = lines.findLast(({ event }) => event === 'checkpoint');
  assert.deepEqual([last?.['read'], last?.['written'], last?.['rejected']], [4, 3, 1]);
});
