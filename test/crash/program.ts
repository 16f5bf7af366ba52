import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const tranche = `${root}bin/tranche.js`;

/** How a process ended. */
export interface Ended {
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly killed: boolean;
  readonly stderr: string;
}

/** Runs the program in `directory`; `under` goes before it on the command line: a tracer and its options. */
export function runProgram(
  directory: string,
  words: readonly string[],
  under: readonly string[] = [],
): Promise<Ended> {
  const [command, ...rest] = [...under, process.execPath, tranche, ...words];
  return runCommand(command!, rest, directory);
}

/** Runs any command to its end. */
export function runCommand(command: string, words: readonly string[], directory?: string): Promise<Ended> {
  // One worker thread, so that file calls come one after the other and can be counted.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1', NO_COLOR: '1' };
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { cwd: directory, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, killed: signal === 'SIGKILL', stderr });
    });
  });
}
