import { join } from 'node:path';
import type { Call } from './calls.js';
import { type Kind, sqlite, stateOf } from './job.js';
import type { Injection } from './strace.js';

/** Points of one kind. */
export interface Series {
  readonly call: string;
  /** Only calls on these paths are counted. */
  readonly paths?: readonly string[];
  /** Which calls of their kind, as an uninterrupted run has them. */
  readonly whens: readonly number[];
  /** True if those are all calls of the kind: a run that makes more of them has more points. */
  readonly all: boolean;
}

/** Calls that a starting Node.js makes none of. */
export const quietCalls = ['mkdir', 'pwrite64', 'rename', 'ftruncate', 'unlink', 'fsync', 'fdatasync'];

/**
 * All series of a run in `directory` whose calls are known. Calls that change nothing on a disk are left out: a kill before one of them leaves what a
 * kill before the next leaves. SQLite changes its shared memory without any call, so there are kills before its flushes.
 */
export function seriesOf(directory: string, kind: Kind, calls: readonly Call[]): Series[] {
  const changing = quietCalls.filter(call => kind === sqlite || !call.endsWith('sync'));
  return [
    ...changing.map(call => quietSeries(call, calls)),
    created(calls),
    written(directory, kind, calls),
  ].filter(({ whens }) => whens.length > 0);
}

/** Every call of a kind that a starting Node.js makes none of. */
export function quietSeries(call: string, calls: readonly Call[]): Series {
  return { call, whens: upTo(Math.max(0, ...ordinals(calls, call, () => true))), all: true };
}

/** Files that are made, those with names that nobody knows too. */
function created(calls: readonly Call[]): Series {
  const makes = ({ flags, answer }: Call) => flags.includes('O_CREAT') && answer !== -1;
  return {
    call: 'openat',
    whens: [...new Set(ordinals(calls, 'openat', makes))].sort((a, b) => a - b),
    all: false,
  };
}

/** Writes into files that have a name of their own: of others Node.js makes many. */
function written(directory: string, kind: Kind, calls: readonly Call[]): Series {
  const paths = knownPaths(directory, kind);
  const known = calls.filter(({ path }) => paths.includes(path) || paths.includes(join(directory, path)));
  return {
    call: 'write',
    paths,
    whens: upTo(Math.max(0, ...ordinals(known, 'write', () => true))),
    all: true,
  };
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

/** A kill before the `when`-th call of a series. */
export function killAt({ call, paths }: Pick<Series, 'call' | 'paths'>, when: number): Injection {
  return { call, when, what: 'signal=SIGKILL', ...(paths ? { paths } : {}) };
}

/** About `count` points, evenly spread over all series, and never the same two for two targets. */
export function sample(all: readonly Series[], count: number, shift: number): Injection[] {
  const points = all.flatMap(series => series.whens.map(when => killAt(series, when)));
  const step = Math.max(1, points.length / count);
  return Array.from({ length: Math.min(count, points.length) }, (_, i) => {
    return points[Math.floor((i + shift) * step) % points.length]!;
  });
}

/** Every file of the job that has a name of its own, as the program may write it. */
function knownPaths(directory: string, { file }: Kind): string[] {
  const state = ['checkpoint.json', 'rejects.ndjson', 'journal.ndjson', 'lock'].map(name =>
    join(stateOf(directory), name),
  );
  const target = ['', '.part', '-wal', '-shm', '-journal'].map(end => file + end);
  return [...state, ...target, ...target.map(name => join(directory, name))];
}

/** Which calls of their thread the calls that `wanted` picks are. */
function ordinals(calls: readonly Call[], name: string, wanted: (call: Call) => boolean): number[] {
  const counted = new Map<string, number>();
  const found: number[] = [];
  for (const call of calls) {
    if (call.name !== name) continue;
    const ordinal = (counted.get(call.thread) ?? 0) + 1;
    counted.set(call.thread, ordinal);
    if (wanted(call)) found.push(ordinal);
  }
  return found;
}
