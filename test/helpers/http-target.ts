import assert from 'node:assert/strict';
import { after } from 'node:test';
import type { OutputColumn } from '#tranche/core/columns.js';
import { TrancheError } from '#tranche/core/errors.js';
import type { OpenTarget, Target, WriteBatch, Written } from '#tranche/core/target.js';
import { createTarget } from '#tranche/targets/index.js';
import type { TargetOptions } from '#tranche/targets/target-kind.js';
import { ApiServer, type ApiServerOptions, type Item } from './http-server.js';
import { columnsOf, objectRecords, opening, writing } from './target-calls.js';
import { Sink } from './workplace.js';

const started: ApiServer[] = [];

after(async () => {
  for (const server of started) await server.close();
});

/** A server that is closed after the tests of the file. */
export async function startServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = await ApiServer.start(options);
  started.push(server);
  return server;
}

/** A target for a URL, opened. */
export async function openTarget(
  url: string,
  options: TargetOptions = {},
  how: Partial<OpenTarget> = {},
  columns: readonly OutputColumn[] = columnsOf('id:integer'),
): Promise<Target> {
  const context = {
    options,
    stdout: new Sink(),
    sourceFormat: 'csv',
    reshaped: false,
    timeout: 60_000,
    report: () => {},
  } as const;
  const target = await createTarget(url, context);
  await target.open(opening(columns, how));
  return target;
}

/** One attempt at records `{ id: 1 }` to `{ id: count }`. */
export function batchOf(count: number, changes: Partial<WriteBatch> = {}): WriteBatch {
  return writing(objectRecords(...itemsOf(count)), changes);
}

/** `{ id: 1 }` to `{ id: count }`. */
export function itemsOf(count: number): Item[] {
  return Array.from({ length: count }, (_, i) => ({ id: i + 1 }));
}

/** Writes to a server that behaves as it is told, and lets go of the target. */
export async function writeTo(
  behaves: NonNullable<ApiServerOptions['behaves']>,
  {
    options = {},
    count = 3,
    ...changes
  }: { options?: TargetOptions; count?: number } & Partial<WriteBatch> = {},
): Promise<{ written: Written; server: ApiServer }> {
  const server = await startServer({ behaves });
  const target = await openTarget(`${server.url}/items`, options);
  try {
    return { written: await target.write(batchOf(count, changes)), server };
  } finally {
    await target.close(false);
  }
}

/** The error that something fails with. */
export async function failureOf(promise: Promise<unknown>): Promise<TrancheError> {
  const error = await promise.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof TrancheError, String(error));
  return error;
}
