import assert from 'node:assert/strict';
import { test } from 'node:test';
import { summaryLines } from '#tranche/cli/summary.js';
import { summary } from '../helpers/summary.js';

const counts = {
  read: 3_000_000,
  written: 2_999_980,
  rejected: 10,
  filtered: 7,
  skipped: 3,
  bytes: 129_400_000,
};

test('a run that is done says how much, how long, how fast, and that the counts are in balance', () => {
  assert.deepEqual(
    summaryLines(
      summary({ counts: { ...counts, rejected: 0, written: 2_999_990 }, run: counts, elapsed: 2300 }),
    ),
    [
      'done: 3,000,000 records (129 MB) in 2.3 s, 1,304,348/s, 56.3 MB/s',
      '  read 3,000,000 = written 2,999,990 + rejected 0 + filtered 7 + skipped 3',
    ],
  );
});

test('rejects are told with their reasons and their file, retries with their number', () => {
  const lines = summaryLines(
    summary({
      counts,
      run: counts,
      retries: 2,
      rejectedBy: { ragged: 7, type: 3 },
      rejects: `${process.cwd()}/.tranche/job/rejects.ndjson`,
    }),
  );
  assert.deepEqual(lines.slice(2), [
    '  rejects (ragged 7, type 3): .tranche/job/rejects.ndjson',
    '  retries: 2',
  ]);
});

test('a run that went on tells its own share and the time of all', () => {
  const run = { ...counts, read: 1000, bytes: 43_000 };
  const [first] = summaryLines(summary({ counts, run, elapsed: 500, elapsedTotal: 65_000 }));
  assert.equal(
    first,
    'done: 1,000 records (43.0 kB) in 500 ms, 2,000/s, 86.0 kB/s; all runs of this job: 1m 05s',
  );
});

test('what was passed over before the first record is told, also where there was nothing new', () => {
  const passedOver = { what: 'read stdin forward, the same bytes as before', bytes: 1234 };
  for (const nothingNew of [false, true]) {
    const lines = summaryLines(summary({ passedOver, nothingNew }));
    assert.equal(lines.at(-1), '  read stdin forward, the same bytes as before: 1,234 bytes');
  }
});

test('a run that stopped says why and where', () => {
  const lines = summaryLines(
    summary({ status: 'paused', stopped: '--max-batches', position: 'orders.csv, byte 1,234, record 56' }),
  );
  assert.match(lines[0]!, /^paused by --max-batches: /);
  assert.equal(lines.at(-1), '  stopped at: orders.csv, byte 1,234, record 56');
  assert.match(summaryLines(summary({ status: 'paused', stopped: 'SIGTERM' }))[0]!, /^stopped \(SIGTERM\): /);
});

test('nothing new is one line', () => {
  assert.deepEqual(summaryLines(summary({ nothingNew: true })), [
    'nothing new: the input is unchanged since this job finished (5 records)',
  ]);
});
