import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Progress } from '#tranche/reporters/progress.js';
import { phaseLine, progressLine } from '#tranche/reporters/progress-line.js';
import { counts, progressed, started } from '../helpers/events.js';

function halfway(): Progress {
  const progress = new Progress();
  progress.apply(started({ size: { bytes: 80_000 } }), 0);
  progress.apply({ type: 'progress', counts: counts(1000, 3), size: { bytes: 80_000 }, retries: 1 }, 1000);
  return progress;
}

test('a wide terminal shows everything', () => {
  const line = progressLine(halfway(), 1000, { width: 120, unicode: false, bar: true });
  assert.equal(
    line,
    ' 50%  ###############---------------  40.0 kB of 80.0 kB  1,000 records  1,000/s  ETA 1s  3 rejects  1 retry',
  );
});

test('forty columns show what matters most', () => {
  const line = progressLine(halfway(), 1000, { width: 39, unicode: false, bar: true });
  assert.equal(line, ' 50%  1,000/s  ETA 1s  3 rejects');
});

test('records are the measure where bytes are not known', () => {
  const progress = new Progress();
  progress.apply(progressed(250, { records: 1000 }), 0);
  const line = progressLine(progress, 0, { width: 80, unicode: false, bar: false });
  assert.equal(line, ' 25%  250 of 1,000 records');
});

test('without a total there is neither percentage nor bar', () => {
  const progress = new Progress();
  progress.apply(progressed(250, {}), 0);
  const line = progressLine(progress, 0, { width: 80, unicode: false, bar: true });
  assert.equal(line, '10.0 kB  250 records');
});

test('no line is ever longer than its width', () => {
  fc.assert(
    fc.property(
      fc.nat(200),
      fc.nat(2 ** 40),
      fc.nat(2 ** 40),
      fc.nat(1e6),
      fc.boolean(),
      (width, read, total, rejected, unicode) => {
        const progress = new Progress();
        progress.apply(started(), 0);
        progress.apply(
          { type: 'progress', counts: counts(read, rejected), size: { bytes: total }, retries: rejected },
          500,
        );
        const line = progressLine(progress, 500, { width, unicode, bar: true });
        assert.ok(line.length <= width, `${line.length} > ${width}: ${line}`);
        const phase = phaseLine({ what: 'winding forward flights.csv.gz', done: 1, total: 3 }, width);
        assert.ok(phase.length <= width, phase);
      },
    ),
  );
});

test('with one batch in flight it is shown how long it was held back by --rate', () => {
  const progress = halfway();
  progress.apply({ type: 'held', waits: 30, time: 12_300 }, 1000);
  const style = { width: 140, unicode: false, bar: false };
  assert.match(progressLine(progress, 1000, style), / {2}held back 12\.3 s by --rate {2}3 rejects/);
});

test('batches in flight and those that wait for their turn are shown where several may be in flight', () => {
  const progress = halfway();
  progress.apply({ type: 'flow', inFlight: 12, limit: 16, waiting: 0 }, 1000);
  const style = { width: 140, unicode: false, bar: false };
  assert.match(progressLine(progress, 1000, style), / {2}12\/16 in flight {2}3 rejects/);
  progress.apply({ type: 'flow', inFlight: 16, limit: 16, waiting: 15 }, 1000);
  assert.match(progressLine(progress, 1000, style), / {2}16\/16 in flight, 15 held back by --rate {2}/);
});
