import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Source } from '#tranche/core/source.js';
import { type Found, readSource, withoutPositions } from '../helpers/read-source.js';
import { temporaryDirectory } from '../helpers/temporary.js';

/** A kind of source under test. */
export interface SourceUnderTest {
  readonly name: string;
  /** Puts `count` records into an input in `directory` (some of them malformed, if the kind has such) and answers how to open it, as often as needed. */
  prepare(directory: string, count: number): Promise<() => Promise<Source>>;
  /** What {@link Source.verify} answers for an input that nobody touched. */
  readonly untouched: 'unchanged' | 'grown';
  /** Positions are keys of rows: there are neither lines nor bytes. */
  readonly keyed?: boolean;
  /** A MB of batches is cut before the first is asked for. */
  readonly readsAhead?: boolean;
}

/** What holds for every source. */
export function sourceContract(kind: SourceUnderTest): void {
  const prepared = async (count: number) => kind.prepare(await temporaryDirectory(), count);

  test(`${kind.name}: an empty input has no records, and a position`, async () => {
    const open = await prepared(0);
    const source = await open();
    const { records, ends } = await readSource(source);
    assert.deepEqual(records, []);
    assert.equal(ends.length, 1);
    await source.close();
    const again = await open();
    assert.deepEqual((await readSource(again, { from: ends[0]! })).records, []);
    await again.close();
  });

  test(`${kind.name}: one record`, async () => {
    const source = await (await prepared(1))();
    const { records, ends } = await readSource(source);
    assert.equal(records.length, 1);
    assert.equal(records[0]!.at.record, 1);
    assert.deepEqual(ends, [records[0]!.after].map(withoutMemory(ends[0]!)));
    await source.close();
  });

  test(`${kind.name}: full batches, exactly`, async () => {
    for (const [count, size] of [
      [6, 6],
      [6, 3],
      [6, 1],
      [7, 3],
    ] as const) {
      const source = await (await prepared(count))();
      const sizes: number[] = [];
      await readSource(source, {
        limits: { records: size },
        each: batch => sizes.push(batch.records.count + batch.malformed.length),
      });
      assert.equal(
        sizes.reduce((sum, n) => sum + n, 0),
        count,
      );
      assert.ok(sizes.every(n => n > 0 && n <= size));
      await source.close();
    }
  });

  test(`${kind.name}: batch limits do not change the records`, async () => {
    const open = await prepared(50);
    const whole = await readAll(open, {});
    for (const limits of [{ records: 1 }, { records: 7 }, { bytes: 1 }, { bytes: 100 }, { records: 49 }]) {
      assert.deepEqual(withoutPositions(await readAll(open, limits)), withoutPositions(whole));
    }
    for (const [i, { at }] of whole.entries()) {
      const before = whole[i - 1]?.at;
      const next = before?.file === at.file ? before.record + 1 : 1;
      assert.equal(at.record, next);
      if (kind.keyed) assert.deepEqual([at.offset, at.line], [0, 0]);
      else if (before?.file === at.file) assert.ok(at.offset > before.offset && at.line > before.line);
    }
  });

  test(`${kind.name}: limits that change on the way are obeyed, and do not change the records`, async () => {
    const open = await prepared(50);
    const whole = await readAll(open, {});
    const limits = { records: 1 };
    const sizes: number[] = [];
    const source = await open();
    const { records } = await readSource(source, {
      limits,
      each: batch => {
        sizes.push(batch.records.count + batch.malformed.length);
        limits.records = 2 * sizes.length;
      },
    });
    await source.close();
    assert.deepEqual(withoutPositions(records), withoutPositions(whole));
    assert.deepEqual([sizes[0], Math.max(...sizes) > 3], [1, !kind.readsAhead], `${sizes}`);
  });

  test(`${kind.name}: goes on behind every record, in batches of another size`, async () => {
    const open = await prepared(22);
    for (const first of [6, 1000]) {
      const source = await open();
      const { records, columns, ends } = await readSource(source, { limits: { records: first } });
      await source.close();
      const places = [...records.map(({ after }) => after), ...ends];
      for (const [i, from] of places.entries()) {
        const rest = i < records.length ? i + 1 : records.findIndex(({ after }) => isBehind(after, from));
        if (rest < 0) continue;
        const again = await open();
        const limits = { records: 1 + (i % 5) };
        const read = await readSource(again, { from, columns, limits });
        assert.deepEqual(withoutPositions(read.records), withoutPositions(records.slice(rest)), `${i}`);
        await again.close();
      }
    }
  });

  test(`${kind.name}: knows its input again at every batch`, async () => {
    const open = await prepared(20);
    const source = await open();
    const { ends } = await readSource(source, { limits: { records: 6 } });
    for (const position of ends) {
      const identity = JSON.parse(JSON.stringify(await source.identify(position)));
      const again = await open();
      const grown = kind.keyed && position !== ends.at(-1) ? 'grown' : kind.untouched;
      assert.equal((await again.verify(identity, position)).kind, grown);
      await again.close();
    }
    await source.close();
  });

  test(`${kind.name}: a stop ends the batches without an error, and nothing is lost`, async () => {
    const open = await prepared(30);
    const whole = await readAll(open, {});
    const controller = new AbortController();
    const source = await open();
    let batches = 0;
    const { records, ends, columns } = await readSource(source, {
      limits: { records: 4 },
      signal: controller.signal,
      each: () => {
        if (++batches === 2) controller.abort('SIGINT');
      },
    });
    await source.close();
    assert.equal(batches, 2);
    const again = await open();
    const rest = await readSource(again, { from: ends.at(-1)!, columns });
    assert.deepEqual(withoutPositions([...records, ...rest.records]), withoutPositions(whole));
    await again.close();
  });

  test(`${kind.name}: closes twice, read or not`, async () => {
    const open = await prepared(3);
    const unread = await open();
    await unread.close();
    await unread.close();
    const source = await open();
    await source.describe(new AbortController().signal);
    await source.close();
    await source.close();
  });

  async function readAll(open: () => Promise<Source>, limits: { records?: number; bytes?: number }) {
    const source = await open();
    const { records } = await readSource(source, { limits });
    await source.close();
    return records;
  }
}

/** Only the place itself: positions at the end of a batch and inside of it get there in different ways. */
function withoutMemory(end: Found['after']) {
  if (!('waypoint' in end)) return (position: Found['after']) => position;
  return (position: Found['after']) => ({ ...position, waypoint: end['waypoint']!, tail: end['tail']! });
}

function isBehind(position: Found['after'], from: Found['after']): boolean {
  if ('key' in position) return Number(position['record']) > Number(from['record']);
  const [file, offset] = [Number(position['file']), Number(position['offset'])];
  return file > Number(from['file']) || (file === from['file'] && offset > Number(from['offset']));
}
