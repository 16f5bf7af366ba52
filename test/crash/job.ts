import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runCommand, runProgram } from './program.js';

/** A target of the small job. */
export interface Kind {
  readonly name: string;
  /** As on the command line. */
  readonly target: string;
  /** The file that the result is in. */
  readonly file: string;
  readonly options: readonly string[];
}

const ROWS = 60;
const BROKEN = new Set([3, 17, 18, 33, 47, 60]);

/** Slow enough for a checkpoint after every batch. */
const paced = ['--rate', '350/s'];

export const ndjson: Kind = { name: 'NDJSON', target: 'out.ndjson', file: 'out.ndjson', options: paced };
/** Batches come faster than checkpoints can be made durable. */
export const hurried: Kind = { ...ndjson, name: 'NDJSON without a pause', options: [] };
export const gzip: Kind = { name: 'csv.gz', target: 'out.csv.gz', file: 'out.csv.gz', options: [] };
export const sqlite: Kind = {
  name: 'SQLite',
  target: 'sqlite:out.db#people',
  file: 'out.db',
  options: paced,
};

/** Where a job of ours keeps its state, in the directory it runs in. */
export const stateOf = (directory: string): string => join(directory, 'state', 'job');

/** The command line of the small job: 60 records, some of them broken, 7 a batch. */
export function copyWords({ target, options }: Kind, ...more: readonly string[]): string[] {
  const words = ['copy', 'in.csv', target, '--state-dir', 'state', '--job', 'job'];
  return [...words, '--batch-size', '7', '--max-errors', '100%', ...options, ...more];
}

/** Makes a directory with the input of the small job. */
export async function makePlace(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const lines = Array.from({ length: ROWS }, (_, i) => {
    const id = i + 1;
    return BROKEN.has(id) ? `${id},too,many,fields` : `${id},"name ${id}, the ""${id}th""",${id * 3}.50`;
  });
  await writeFile(join(directory, 'in.csv'), `id,name,amount\n${lines.join('\n')}\n`);
  return directory;
}

/** A copy of a directory that a run was killed in, times of files included. */
export async function copyPlace(from: string, to: string): Promise<string> {
  await runCommand('cp', ['-a', from, to]);
  return to;
}

/** What a finished job left, without what may differ from run to run. */
export interface Result {
  readonly target: string;
  readonly rejects: readonly unknown[];
  readonly counts: unknown;
  readonly status: string;
  /** What is in the directory and in that of the job's state. */
  readonly files: readonly string[];
}

/** The result of a finished job; throws if something of it is damaged. */
export async function resultIn(directory: string, kind: Kind): Promise<Result> {
  const state = stateOf(directory);
  const checkpoint = JSON.parse(await readFile(join(state, 'checkpoint.json'), 'utf8'));
  const rejects = lines(await readFile(join(state, 'rejects.ndjson'), 'utf8'));
  for (const line of lines(await readFile(join(state, 'journal.ndjson'), 'utf8'))) {
    if (line !== '' && !isTorn(line)) JSON.parse(line);
  }
  return {
    target: await targetText(join(directory, kind.file)),
    rejects: rejects.map(line => ({ ...JSON.parse(line), time: null })),
    counts: checkpoint.counts,
    status: checkpoint.status,
    // A journal that a kill left before it meant anything stays until SQLite writes again.
    files: [...(await readdir(directory)), ...(await readdir(state))]
      .filter(name => !name.endsWith('-journal'))
      .sort(),
  };
}

/** The lines of a text, the last of which has to be complete. */
function lines(text: string): string[] {
  const all = text.split('\n');
  assert.equal(all.pop(), '', 'behind the last line there is something');
  return all;
}

/** A line of the journal that a kill cut off: all are complete but such. */
function isTorn(line: string): boolean {
  return !line.endsWith('}');
}

async function targetText(file: string): Promise<string> {
  if (file.endsWith('.gz')) {
    const bytes = await readFile(file);
    return `${gunzipSync(bytes).toString()}\n${bytes.toString('hex')}`;
  }
  return file.endsWith('.db') ? await databaseText(file) : await readFile(file, 'utf8');
}

/** All rows in the order in which they were inserted. */
async function databaseText(file: string): Promise<string> {
  const { openDatabase } = await import('#tranche/sqlite/driver.js');
  const database = await openDatabase(file, { existing: true });
  try {
    assert.deepEqual(database.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    return JSON.stringify(database.prepare('SELECT * FROM people ORDER BY rowid').all());
  } finally {
    database.close();
  }
}

/** The result of a run that nothing happens to. */
export async function uninterrupted(directory: string, kind: Kind): Promise<Result> {
  await makePlace(directory);
  const { code, stderr } = await runProgram(directory, copyWords(kind));
  assert.equal(code, 3, stderr);
  const result = await resultIn(directory, kind);
  assert.equal(result.rejects.length, BROKEN.size);
  return result;
}

/** Goes on with a job, and demands that its result is as if nothing had happened. */
export async function demandSame(
  directory: string,
  kind: Kind,
  expected: Result,
  what: string,
): Promise<void> {
  const ended = await runProgram(directory, copyWords(kind, '--resume'));
  // 0: everything had been done before the kill.
  const done = ended.code === 3 || (ended.code === 0 && ended.stderr.includes('nothing new'));
  assert.ok(done, `${what}: --resume ended with ${ended.code}\n${ended.stderr}`);
  assert.deepEqual(await resultIn(directory, kind), expected, what);
  await rm(directory, { recursive: true });
}
