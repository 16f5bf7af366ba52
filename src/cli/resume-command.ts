import { basename, delimiter, dirname, relative, resolve } from 'node:path';
import { flagOf, type OptionTable } from '../core/options.js';
import { withoutSecrets } from './secret-words.js';

/** How an unfinished job is gone on with. */
export interface Again {
  /** Words of the command that goes on. */
  readonly resume: readonly string[];
  /** Words of the command that starts from the beginning. */
  readonly fresh: readonly string[];
  /** Words of the command that sends the job's rejects again, and of the one that shows them. */
  readonly retry: readonly string[];
  readonly rejects: readonly string[];
  /** True if a secret was left out of the words: it has to be put back, or to come from the environment. */
  readonly secretLeftOut: boolean;
}

/** Flags that say how a run begins; each command below has its own. */
const beginnings = ['--resume', '--fresh'];

/**
 * The commands that run again what was typed: the same words without secrets, `--resume` or `--fresh` among them. `job`: the words that name it to
 * other commands.
 */
export function again(words: readonly string[], options: OptionTable, job: readonly string[] = []): Again {
  const safe = withoutSecrets(words, options);
  const program = programWords();
  return {
    resume: [...program, ...begin(safe, options, '--resume')],
    fresh: [...program, ...begin(safe, options, '--fresh')],
    ...rejectCommands(program, job),
    secretLeftOut: differ(safe, words),
  };
}

/** The same of a command that goes on by itself when it is given once more. */
export function sameAgain(words: readonly string[], options: OptionTable, job: readonly string[]): Again {
  const safe = withoutSecrets(words, options);
  const program = programWords();
  const same = [...program, ...safe];
  return {
    resume: same,
    fresh: same,
    ...rejectCommands(program, job),
    secretLeftOut: differ(safe, words),
  };
}

function differ(some: readonly string[], others: readonly string[]): boolean {
  return some.some((word, index) => word !== others[index]);
}

/** The words that name a job to commands that take one. */
export function jobWords(job: string, stateDir: string | undefined): readonly string[] {
  return stateDir === undefined ? [job] : [job, '--state-dir', stateDir];
}

function rejectCommands(
  program: readonly string[],
  job: readonly string[],
): Pick<Again, 'retry' | 'rejects'> {
  return { retry: [...program, 'retry-rejects', ...job], rejects: [...program, 'rejects', ...job] };
}

/** How the program was called: by its name if the shell finds it under that name, else by the way that was taken. */
export function programWords(script = process.argv[1] ?? 'tranche', env = process.env): readonly string[] {
  const folders = (env['PATH'] ?? '').split(delimiter);
  if (basename(script) === 'tranche') {
    if (env['npm_command'] === 'exec') return ['npx', 'tranche'];
    if (folders.includes(dirname(script))) return ['tranche'];
  }
  const near = relative(process.cwd(), script);
  const path = near.startsWith('..') ? resolve(script) : near.includes('/') ? near : `./${near}`;
  return script.endsWith('.js') ? ['node', path] : [path];
}

function begin(words: readonly string[], options: OptionTable, beginning: string): string[] {
  const kept: string[] = [];
  const valued = flagsWithValue(options);
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (word === '--') return [...kept, beginning, ...words.slice(i)];
    if (beginnings.includes(word)) continue;
    kept.push(word);
    if (valued.has(word) && i + 1 < words.length) kept.push(words[++i]!);
  }
  return [...kept, beginning];
}

function flagsWithValue(options: OptionTable): Set<string> {
  const flags = new Set<string>();
  for (const [name, { value, short }] of Object.entries(options)) {
    if (value === undefined) continue;
    flags.add(flagOf(name, options[name]!));
    if (short !== undefined) flags.add(`-${short}`);
  }
  return flags;
}
