import type { Batch, Malformed } from '#tranche/core/batch.js';
import { type Checkpoint, noCounts } from '#tranche/core/checkpoint.js';
import type { Event } from '#tranche/core/events.js';
import type { Position } from '#tranche/core/position.js';
import type { Value } from '#tranche/core/records.js';
import type { Reject } from '#tranche/core/reject.js';
import type { OpenSource, Source } from '#tranche/core/source.js';
import type { Target, WriteBatch, Written } from '#tranche/core/target.js';
import type { Job } from '#tranche/engine/job.js';

/** Records are numbers; an odd one out is `'bad'`, which cannot be read. */
export type Item = number | 'bad';

/** What a test may replace. */
export interface FakeJob {
  readonly items: readonly Item[];
  readonly write?: (how: WriteBatch, target: FakeTarget) => Promise<Written> | Written;
  readonly ledger?: boolean;
  readonly settings?: Partial<Job['settings']>;
  readonly job?: Partial<Job>;
}

/** A job in memory: every call that matters for the order of things is in `log`. */
export function fakeJob({ items, write, ledger = false, settings, job }: FakeJob) {
  const log: string[] = [];
  const events: Event[] = [];
  const saved: Checkpoint[] = [];
  const rejected: Reject[] = [];
  const target = new FakeTarget(log, write, ledger);
  const fake: Job = {
    name: 'job',
    id: 'id',
    source: fakeSource(items),
    target,
    columns: [],
    output: [],
    transformer: null,
    start: { position: null, ahead: [], mark: null, counts: noCounts, batches: 0, rejects: 0 },
    ledger: null,
    elapsedBefore: 0,
    finished: false,
    replaces: false,
    store: {
      save: async checkpoint => {
        log.push(`save ${checkpoint.counts.read} ${checkpoint.status}`);
        saved.push(checkpoint);
      },
    },
    rejects: {
      path: 'rejects',
      get bytes() {
        return rejected.length;
      },
      append: async rejects => {
        log.push(`reject ${rejects.length}`);
        rejected.push(...rejects);
      },
      sync: async () => {
        log.push('sync rejects');
      },
      truncate: async length => {
        rejected.length = length;
      },
    },
    journal: { write: async event => void log.push(`journal ${event}`) },
    size: {},
    beginning: async () => {},
    begun: async () => void log.push('begun'),
    checkpoint: async (progress, status, because, output) =>
      ({ ...progress, status, because, output }) as unknown as Checkpoint,
    entry: checkpoint => JSON.stringify(checkpoint),
    signal: new AbortController().signal,
    abandon: null,
    report: event => {
      if (event.type === 'checkpoint') log.push(`event ${event.counts.read}`);
      events.push(event);
    },
    ...job,
    settings: {
      batchSize: 4,
      batchBytes: 1000,
      batchTime: null,
      concurrency: 1,
      adaptive: false,
      breaker: { after: 10, patience: 600_000 },
      retry: { retries: 2, delay: 0, maxDelay: 0 },
      timeout: 60_000,
      maxErrors: { percent: 100 },
      pace: {},
      maxDuration: undefined,
      maxBatches: undefined,
      limit: undefined,
      skip: 0,
      ...settings,
    },
  };
  return { job: fake, log, events, saved, rejected, target };
}

/** Keeps what it was given; refuses what a test says. */
export class FakeTarget implements Target {
  readonly name = 'fake';
  readonly traits = {
    guarantee: 'exactly once',
    because: '',
    batchSize: 4,
    cells: true,
    fixedColumns: true,
  } as const;
  readonly written: unknown[] = [];
  readonly sealed: string[] = [];
  attempts = 0;
  readonly ledger?: { recall(): Promise<null>; record(entry: string): Promise<void> };
  readonly #log: string[];
  readonly #write: FakeJob['write'];

  constructor(log: string[], write: FakeJob['write'], ledger: boolean) {
    this.#log = log;
    this.#write = write;
    if (ledger)
      this.ledger = { recall: async () => null, record: async entry => void this.sealed.push(entry) };
  }

  async open() {
    this.#log.push('open');
    return { rows: 0 };
  }

  async write(how: WriteBatch): Promise<Written> {
    this.attempts++;
    if (this.#write) return await this.#write(how, this);
    return this.take(how);
  }

  /** Takes all records but those at the indices. */
  take({ records }: WriteBatch, refused: readonly number[] = []): Written {
    const values = valuesOf(records);
    for (const [index, value] of values.entries()) if (!refused.includes(index)) this.written.push(value);
    this.#log.push(`write ${values.length - refused.length}`);
    return {
      mark: { rows: this.written.length },
      count: values.length - refused.length,
      refused: refused.map(index => ({ index, reason: 'constraint', message: `no ${values[index]}` })),
    };
  }

  async sync() {
    this.#log.push('sync target');
  }

  async close(complete: boolean) {
    this.#log.push(`close ${complete}`);
  }
}

/** The records as numbers or objects. */
export function valuesOf(records: WriteBatch['records']): unknown[] {
  if (records.form === 'rows') return records.rows.map(([value]) => value);
  if (records.form === 'objects') return [...records.objects];
  throw new TypeError('no text here');
}

function fakeSource(items: readonly Item[]): Source {
  return {
    name: 'numbers',
    format: null,
    describe: async () => ({ columns: [], notes: [] }),
    open: how => batchesOf(items, how),
    identify: async () => ({}),
    verify: async () => ({ kind: 'unchanged' }),
    tell: position => `item ${position['at']}`,
    size: async () => ({ records: items.length }),
    close: async () => {},
  };
}

async function* batchesOf(
  items: readonly Item[],
  { from, limits, signal }: OpenSource,
): AsyncGenerator<Batch> {
  for (let at = Number(from?.['at'] ?? 0); at < items.length && !signal.aborted; ) {
    const end = Math.min(items.length, at + limits.records);
    yield batchOf(items, at, end);
    at = end;
  }
}

/** A batch of so many numbers. */
export function fakeBatch(count: number): Batch {
  return batchOf(
    Array.from({ length: count }, (_, i) => i),
    0,
    count,
  );
}

function batchOf(items: readonly Item[], start: number, end: number): Batch {
  const rows: (readonly Value[])[] = [];
  const places: number[] = [];
  const malformed: Malformed[] = [];
  const position = (at: number): Position => ({ at });
  const locate = (at: number) => ({ file: 'numbers', line: at + 1, offset: at, record: at + 1 });
  for (let at = start; at < end; at++) {
    const item = items[at]!;
    const raw = Buffer.from(`${item}`);
    if (item === 'bad') {
      const reject = { reason: 'ragged', message: 'bad', raw, length: raw.length } as const;
      malformed.push({ ...reject, before: rows.length, at: locate(at), end: position(at + 1) });
    } else {
      rows.push([item]);
      places.push(at);
    }
  }
  return {
    start: position(start),
    end: position(end),
    bytes: end - start,
    malformed,
    records: { form: 'rows', count: rows.length, rows },
    locate: index => locate(places[index]!),
    positionAfter: index => position(places[index]! + 1),
    bytesBefore: ({ at }) => Math.min(Math.max(Number(at) - start, 0), end - start),
    raw: index => {
      const raw = Buffer.from(`${rows[index]![0]}`);
      return { raw, length: raw.length };
    },
    release: () => {},
  };
}
