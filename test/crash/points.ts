import { join } from 'node:path';
import type { Call } from './calls.js';
import { type Kind, stateOf } from './job.js';
import type { Injection } from './strace.js';

/** Points of one kind: the `first`-th to the `last`-th call, as an uninterrupted run has them. */
export interface Series {
  readonly call: string;
  /** Only calls on these paths are counted. */
  readonly paths?: readonly string[];
  readonly first: number;
  readonly last: number;
}

/** Calls that a starting Node.js makes none of. */
const quietCalls = ['mkdir', 'pwrite64', 'fsync', 'fdatasync', 'rename', 'ftruncate', 'unlink'];
/** Calls that it makes many of. */
const noisyCalls = ['openat', 'close', 'write'];

/** All series of a run in `directory` whose calls are known. */
export function seriesOf(directory: string, kind: Kind, calls: readonly Call[]): Series[] {
  const paths = knownPaths(directory, kind);
  return [
    ...quietCalls.map(call => ({ call, first: 1, last: Math.max(0, ...ordinals(calls, call, () => true)) })),
    // Those of temporary files, whose names nobody knows: counted from the first call on a file of ours. Before it the worker loads modules.
    ...['openat', 'close'].map(call => {
      const worker = calls.find(({ to }) => to?.endsWith('checkpoint.json'))?.thread;
      const ours = ordinals(
        calls,
        call,
        ({ path, thread }) => thread === worker && path.startsWith(directory),
      );
      return { call, first: Math.min(...ours), last: Math.max(...ours) };
    }),
    ...noisyCalls.map(call => {
      const known = calls.filter(({ path }) => paths.includes(path) || paths.includes(join(directory, path)));
      return { call, paths, first: 1, last: Math.max(0, ...ordinals(known, call, () => true)) };
    }),
  ].filter(({ first, last }) => first <= last);
}

/** A kill before the `when`-th call of a series. */
export function killAt({ call, paths }: Series, when: number): Injection {
  return { call, when, what: 'signal=SIGKILL', ...(paths ? { paths } : {}) };
}

/** About `count` points, evenly spread over all series, and never the same two for two targets. */
export function sample(all: readonly Series[], count: number, shift: number): Injection[] {
  const points = all.flatMap(series =>
    Array.from({ length: series.last - series.first + 1 }, (_, i) => killAt(series, series.first + i)),
  );
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
