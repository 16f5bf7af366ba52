import { Command as Commander } from 'commander';
import type { Checkpoint } from '../core/checkpoint.js';
import { type CopyOptionValues, copyOptions } from '../options.js';
import { copyCommand } from './commands/copy.js';
import { type Call, declare } from './declare.js';
import { resolveValues } from './values.js';

/** A job as it was called: its places, and the options that a retry of its rejects takes over. */
export interface JobValues {
  readonly source: string;
  readonly target: string;
  readonly options: CopyOptionValues;
}

/** Options that were about that run, and not about its records. */
const ofTheRun: ReadonlySet<string> = new Set<keyof CopyOptionValues>([
  'job',
  'stateDir',
  'resume',
  'fresh',
  'onChange',
  'checkpoint',
  'dryRun',
  'limit',
  'skip',
  'maxErrors',
  'rejects',
  'maxDuration',
  'maxBatches',
  'overwrite',
  'append',
  'mode',
]);

/** What the checkpoint of a job tells of its options: the words that it was called with, and the values of those that decide what is written, which may have come from the environment. */
export async function jobValues({ command, options, source, target }: Checkpoint): Promise<JobValues> {
  const call = await callOf(command);
  const typed = call === null ? {} : await resolveValues(copyOptions, call.given, {});
  const taken = Object.entries({ ...typed, ...options }).filter(
    ([name]) => Object.hasOwn(copyOptions, name) && !ofTheRun.has(name),
  );
  const [from = source.name, to = target.name] = call?.operands ?? [];
  return { source: from, target: to, options: Object.fromEntries(taken) };
}

/** The call of `copy` that these words are; null for a job that no command line began. */
async function callOf(words: readonly string[]): Promise<Call | null> {
  const at = words.indexOf('copy');
  if (at < 0) return null;
  let call: Call | null = null;
  const commander = new Commander('copy').exitOverride().configureOutput({ writeErr: () => {} });
  declare(commander, copyCommand, made => {
    call = made;
  });
  await commander.parseAsync(words.slice(at + 1), { from: 'user' });
  return call;
}
