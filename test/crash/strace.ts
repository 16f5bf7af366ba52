import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, parseCalls } from './calls.js';
import { type Ended, runProgram } from './program.js';

/** What a run may meet at its `when`-th call of `call`, counted for each thread. */
export interface Injection {
  readonly call: string;
  readonly when: number;
  /** `signal=SIGKILL` ends the process before the call, `error=EIO` makes it fail without being done. */
  readonly what: string;
  /** Only calls on exactly these paths are counted. None: all. */
  readonly paths?: readonly string[];
  /** Log the other file calls as well. */
  readonly logAll?: boolean;
}

/** A traced run. */
export interface Traced extends Ended {
  /** The calls of the traced kinds, in the order in which they began. */
  readonly calls: readonly Call[];
}

/** The calls that change or order what is on a disk. */
export const fileCalls = 'openat,close,write,pwrite64,ftruncate,fsync,fdatasync,rename,unlink,mkdir'.split(
  ',',
);

/** Why no tests with strace are possible here; false if they are. With `CI=true` that is a failure, not a reason. */
export function straceMissing(): string | false {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return false;
  } catch (error) {
    if (process.env['CI'] === 'true') throw new Error('strace is needed where CI=true', { cause: error });
    return 'strace is not installed, or not allowed here';
  }
}

/** Runs the program to its end with a log of all file calls. */
export function trace(directory: string, words: readonly string[]): Promise<Traced> {
  return traced(directory, words, fileCalls, ['--seccomp-bpf']);
}

/** Runs the program until the injection ends it, or to its end. */
export function inject(directory: string, words: readonly string[], injection: Injection): Promise<Traced> {
  const { call, when, what, paths = [], logAll = false } = injection;
  // Faster, but strace 6.1 does not send signals then.
  const quickly = what.startsWith('error=') ? ['--seccomp-bpf'] : [];
  const options = [
    ...quickly,
    '-e',
    `inject=${call}:${what}:when=${when}`,
    ...paths.flatMap(path => ['-P', path]),
  ];
  return traced(directory, words, logAll ? fileCalls : [call], options);
}

async function traced(
  directory: string,
  words: readonly string[],
  calls: readonly string[],
  options: readonly string[],
): Promise<Traced> {
  // Not where the program runs: that may be a disk whose power is about to go.
  const log = join(tmpdir(), `tranche-${randomUUID()}.log`);
  const tracer = ['strace', '-f', '-y', '-qq', '-s', '65536', '-e', `trace=${calls.join(',')}`, '-o', log];
  const ended = await runProgram(directory, words, [...tracer, ...options]);
  const text = await readFile(log, 'latin1');
  await rm(log);
  return { ...ended, calls: parseCalls(text) };
}
