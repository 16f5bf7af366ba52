import type { Batch } from '#tranche/core/batch.js';
import type { ColumnType, OutputColumn } from '#tranche/core/columns.js';
import type { RecordObject, Records } from '#tranche/core/records.js';
import type { OpenTarget, WriteBatch } from '#tranche/core/target.js';

/** Columns as `name`, `name:type` (inferred) or `name:type!` (declared); a column without a type is text. */
export function columnsOf(...names: readonly string[]): OutputColumn[] {
  return names.map((text, from) => {
    const [, name = '', type = 'text', mark = ''] = /^(.*?)(?::(\w+)(!?))?$/s.exec(text) ?? [];
    return { name, type: type as ColumnType, declared: mark === '!', from };
  });
}

/** What a target is told when the job begins, with some of it changed. */
export function opening(columns: readonly OutputColumn[], changes: Partial<OpenTarget> = {}): OpenTarget {
  const { signal } = new AbortController();
  const start = { mark: null, finished: false, replaces: false, ledger: null };
  return {
    job: 'nightly',
    jobId: 'first',
    ...start,
    columns,
    checkpoints: true,
    concurrency: 1,
    signal,
    ...changes,
  };
}

/** One attempt at records; its ledger entry is `entry`. */
export function writing(records: Records, changes: Partial<WriteBatch> = {}): WriteBatch {
  const { signal } = new AbortController();
  const batch = batchOf(records);
  return {
    batch,
    records,
    number: 1,
    attempt: 1,
    locate: index => batch.locate(index),
    signal,
    progressed: () => undefined,
    seal: async () => 'entry',
    demandWhole: () => {},
    ...changes,
  };
}

/** Records that a transform made. */
export function objectRecords(...objects: readonly RecordObject[]): Records {
  return { form: 'objects', count: objects.length, objects };
}

/** A batch whose record `i` ends at `{ record: i + 1 }`. */
export function batchOf(records: Records): Batch {
  return {
    start: { record: 0 },
    end: { record: records.count },
    bytes: 0,
    malformed: [],
    records,
    locate: index => ({ file: 'made.csv', line: index + 2, offset: 0, record: index + 1 }),
    positionAfter: index => ({ record: index + 1 }),
    bytesBefore: () => 0,
    raw: () => ({ raw: Buffer.alloc(0), length: 0 }),
    release: () => undefined,
  };
}
