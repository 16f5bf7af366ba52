import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The program as it is started from a clone. */
export const program = fileURLToPath(new URL('../../../bin/tranche.js', import.meta.url));

/** 20,000 real flights. */
export const flights = fileURLToPath(new URL('../../../fixtures/flights-20k.csv', import.meta.url));

/** Where and how the program is started. */
export interface Surroundings {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly stdin?: string;
}

/** What became of it. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<Ended>;
  /** Resolves once stderr (or, on a pseudo-terminal, the screen) has text that fits. Rejects if the program ends before. */
  until(text: RegExp): Promise<void>;
}

/** Runs `tranche` to its end. */
export async function tranche(words: readonly string[], surroundings: Surroundings): Promise<Ended> {
  return start(process.execPath, [program, ...words], surroundings).ended;
}

/** Starts `tranche`. */
export function startTranche(words: readonly string[], surroundings: Surroundings): Running {
  return start(process.execPath, [program, ...words], surroundings);
}

/** Starts `tranche` on a pseudo-terminal of so many columns; what is typed goes to its stdin, what it shows comes from its stdout. */
export function startOnTerminal(
  words: readonly string[],
  columns: number,
  { cwd, env }: Surroundings,
): Running {
  const line = [process.execPath, program, ...words].map(word => `'${word}'`).join(' ');
  const command = `stty rows 24 cols ${columns}; exec ${line}`;
  const terminal = { TERM: 'xterm', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh', ...env };
  return start('script', ['-qefc', command, '/dev/null'], { cwd, env: terminal });
}

function start(file: string, words: readonly string[], { cwd, env, stdin }: Surroundings): Running {
  const child = spawn(file, words, { cwd, env: { ...quietEnvironment, ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  if (stdin !== undefined) child.stdin.end(stdin);
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));

  async function until(text: RegExp): Promise<void> {
    const failed = ended.then(() => {
      if (!text.test(stdout + stderr)) throw new Error(`ended without ${text}: ${stdout}${stderr}`);
    });
    while (!text.test(stdout + stderr)) {
      await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), failed]);
    }
  }

  return { child, ended, until };
}

/** Ours without what would change how the program behaves. */
const quietEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(
    ([name]) => !/^(TRANCHE_|NO_COLOR|CI$|FORCE_COLOR|NODE_TEST)/.test(name),
  ),
);
