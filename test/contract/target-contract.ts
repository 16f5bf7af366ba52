import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrancheError } from '#tranche/core/errors.js';
import type { Mark } from '#tranche/core/position.js';
import type { Records } from '#tranche/core/records.js';
import type { OpenTarget, Refusal, Target, WriteBatch, Written } from '#tranche/core/target.js';
import { csvRecords } from '../helpers/csv-records.js';
import { columnsOf, objectRecords, opening, writing } from '../helpers/target-calls.js';

/** A row as text: `id` and `name`. */
export type Row = readonly [string, string];

/** Somewhere to write to, of its own for each test. */
export interface Place {
  /** A target for this place, as a new process would make it. */
  target(): Promise<Target>;
  /** What arrived; null where nothing is kept. */
  rows(): Promise<readonly Row[] | null>;
  /** Does what the end of a process does to its targets, where that is more than their memory. */
  kill?(): Promise<void>;
}

/** A kind of target under contract. */
export interface ContractTarget {
  readonly name: string;
  place(): Promise<Place>;
}

const BATCH = 100;
const columns = columnsOf('id:integer!', 'name');

/** What is known of a job after its process has gone. */
interface Known {
  readonly done: number;
  readonly mark: Mark | null;
}

/** The tests that every target has to pass. */
export function targetContract({ name, place }: ContractTarget): void {
  test(`${name}: says what it can do`, async () => {
    const { traits, name: shown } = await (await place()).target();
    assert.ok(shown.length > 0);
    assert.ok(['exactly once', 'at least once', 'nothing is written'].includes(traits.guarantee));
    assert.ok(traits.because.length > 0);
    assert.ok(traits.batchSize >= 1);
  });

  test(`${name}: empty input`, async () => {
    const job = await start(await place());
    await job.end();
    await job.arrived(0);
  });

  test(`${name}: an empty batch`, async () => {
    const job = await start(await place());
    const written = await job.write(0);
    assert.deepEqual([written.count, written.refused], [0, []]);
    await job.end();
    await job.arrived(0);
  });

  test(`${name}: one record`, async () => {
    const job = await start(await place());
    const written = await job.write(1);
    assert.deepEqual([written.count, written.refused], [1, []]);
    await job.end();
    await job.arrived(1);
  });

  test(`${name}: batches of all sizes, in their order`, async () => {
    const job = await start(await place());
    for (const size of [BATCH, BATCH, 1, 50, 49, 51, 1000]) await job.write(size);
    await job.end();
    await job.arrived(1351);
  });

  test(`${name}: records as objects`, async () => {
    const job = await start(await place());
    const objects = rowsOf(0, 120).map(([id, text]) => ({ id: Number(id), name: text }));
    const written = await job.writeRecords(objectRecords(...objects));
    assert.deepEqual([written.count, written.refused], [120, []]);
    await job.end();
    await job.arrived(120);
  });

  test(`${name}: refused records are told by their index, all others are written`, async () => {
    const job = await start(await place());
    const rows = rowsOf(0, 130).flatMap((row, i) =>
      i % 13 === 5 ? [['x', 'refused'] as const, row] : [row],
    );
    const expected = rows.flatMap(([id], index) => (id === 'x' ? [index] : []));
    const written = await job.writeRecords(csvRecords(rows));
    assert.deepEqual(
      written.refused.map(({ index, reason }) => [index, reason]),
      expected.map(index => [index, 'type']),
    );
    assert.ok(written.refused.every(({ message }) => message.length > 0));
    assert.equal(written.count, 130);
    await job.end();
    await job.arrived(130);
  });

  test(`${name}: goes on from every mark, whatever was written behind it`, async () => {
    for (let batches = 0; batches <= 3; batches++) {
      for (const extra of [0, 2]) {
        const somewhere = await place();
        const job = await start(somewhere);
        for (let i = 0; i < batches; i++) await job.write(BATCH);
        const known = await job.checkpoint();
        for (let i = 0; i < extra; i++) await job.write(BATCH);
        await job.target.close(false);

        const next = await goOn(somewhere, known);
        assert.ok(
          next.done === known.done || next.target.ledger,
          'only a ledger knows more than the checkpoint',
        );
        while (next.done < 5 * BATCH) await next.write(BATCH);
        await next.end();
        await next.arrived(5 * BATCH);
      }
    }
  });

  test(`${name}: goes on after a run that was killed behind a sync`, async () => {
    const somewhere = await place();
    const killed = await start(somewhere);
    await killed.write(BATCH);
    const known = await killed.checkpoint();
    await killed.write(BATCH);
    await somewhere.kill?.();

    const next = await goOn(somewhere, known);
    while (next.done < 4 * BATCH) await next.write(BATCH);
    await next.end();
    await next.arrived(4 * BATCH);
    await killed.target.close(false);
  });

  test(`${name}: is resumed twice without a batch between`, async () => {
    const somewhere = await place();
    const job = await start(somewhere);
    await job.write(BATCH);
    const known = await job.checkpoint();
    await job.target.close(false);
    const idle = await goOn(somewhere, known);
    await idle.target.close(false);
    const next = await goOn(somewhere, { ...known, mark: idle.mark });
    await next.write(BATCH);
    await next.end();
    await next.arrived(2 * BATCH);
  });

  test(`${name}: a finished job goes on when its input grew`, async () => {
    const somewhere = await place();
    const job = await start(somewhere);
    await job.write(BATCH);
    const known = await job.checkpoint();
    await job.end();
    const next = await goOn(somewhere, known, { finished: true });
    await next.write(BATCH);
    await next.end();
    await next.arrived(2 * BATCH);
  });

  test(`${name}: an attempt that is cancelled writes the batch once or not at all`, async () => {
    const job = await start(await place());
    await job.write(BATCH);
    try {
      await job.write(BATCH, { signal: AbortSignal.abort() });
    } catch (error) {
      assert.ok(error instanceof TrancheError && error.kind === 'transient', String(error));
      await job.write(BATCH, { attempt: 2 });
    }
    await job.end();
    await job.arrived(2 * BATCH);
  });

  test(`${name}: sync as often as one likes`, async () => {
    const job = await start(await place());
    await job.target.sync();
    await job.write(BATCH);
    await Promise.all([job.target.sync(), job.target.sync()]);
    await job.target.sync();
    await job.end();
    await job.arrived(BATCH);
  });

  test(`${name}: close twice, and before open`, async () => {
    const somewhere = await place();
    await (await somewhere.target()).close(false);
    for (const complete of [false, true]) {
      const job = await start(await place());
      await job.write(1);
      await job.target.sync();
      await job.target.close(complete);
      await job.target.close(complete);
    }
  });

  test(`${name}: a ledger is sealed once a batch, with what was refused`, async () => {
    const job = await start(await place());
    const sealed: (readonly Refusal[])[] = [];
    const seal = async (refused: readonly Refusal[]) => {
      sealed.push(refused);
      return JSON.stringify({ done: 0, mark: null });
    };
    const rows = [...rowsOf(0, 2), ['x', 'refused'] as const];
    const written = await job.writeRecords(csvRecords(rows), { seal });
    assert.deepEqual(sealed, job.target.ledger ? [written.refused] : []);
    await job.target.ledger?.record('paused');
    await job.end();
    await job.target.ledger?.record('finished');
    assert.equal((await job.target.ledger?.recall('nightly')) ?? 'finished', 'finished');
    await job.arrived(2);
  });
}

/** Begins a job from the beginning. */
async function start(place: Place): Promise<JobAtWork> {
  return await goOn(place, { done: 0, mark: null });
}

/** Resumes a job as the engine does: the ledger wins over the checkpoint. */
async function goOn(place: Place, checkpoint: Known, changes: Partial<OpenTarget> = {}): Promise<JobAtWork> {
  const target = await place.target();
  const ledger = checkpoint.mark === null ? null : ((await target.ledger?.recall('nightly')) ?? null);
  const { done, mark } = ledger === null ? checkpoint : (JSON.parse(ledger) as Known);
  const opened = await target.open(opening(columns, { mark, ledger, ...changes }));
  return new JobAtWork(place, target, done, opened);
}

/** A job that writes rows numbered from 0. */
class JobAtWork {
  readonly target: Target;
  done: number;
  mark: Mark;
  readonly #place: Place;

  constructor(place: Place, target: Target, done: number, mark: Mark) {
    this.#place = place;
    this.target = target;
    this.done = done;
    this.mark = mark;
  }

  /** Writes the next `count` rows. */
  async write(count: number, changes: Partial<WriteBatch> = {}): Promise<Written> {
    return await this.writeRecords(csvRecords(rowsOf(this.done, this.done + count)), changes);
  }

  async writeRecords(records: Records, changes: Partial<WriteBatch> = {}): Promise<Written> {
    const seal = async (refused: readonly Refusal[]) =>
      JSON.stringify({ done: this.done + records.count - refused.length, mark: this.mark });
    const written = await this.target.write(writing(records, { seal, ...changes }));
    // The source does so too, with the next batch.
    if (records.form === 'text') records.bytes.fill('#');
    this.done += written.count;
    this.mark = written.mark;
    return written;
  }

  /** What a checkpoint would keep. */
  async checkpoint(): Promise<Known> {
    await this.target.sync();
    return { done: this.done, mark: JSON.parse(JSON.stringify(this.mark)) as Mark };
  }

  /** All was written. */
  async end(): Promise<void> {
    await this.target.sync();
    await this.target.close(true);
  }

  /** Checks that rows 0 to `count - 1` arrived, each once or, if that is all the target promises, at least once. */
  async arrived(count: number): Promise<void> {
    const rows = await this.#place.rows();
    if (rows === null) return;
    const expected = rowsOf(0, count);
    if (this.target.traits.guarantee === 'exactly once') assert.deepEqual(rows, expected);
    else assert.deepEqual(new Set(rows.map(String)), new Set(expected.map(String)));
  }
}

function rowsOf(from: number, to: number): Row[] {
  return Array.from({ length: to - from }, (_, i) => [String(from + i), `row ${from + i}`] as const);
}
