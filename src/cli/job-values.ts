import { Command as Commander } from 'commander';
import type { Checkpoint } from '../core/checkpoint.js';
import { flagOf, type Option } from '../core/options.js';
import { type CopyOptionValues, copyOptions } from '../options.js';
import { copyCommand } from './commands/copy.js';
import { type Call, declare } from './declare.js';
import { type Given, resolveValues } from './values.js';

/** A job as it was called: its places, and the options that a retry of its rejects takes over. */
export interface JobValues {
  readonly source: string;
  readonly target: string;
  readonly options: CopyOptionValues;
  /** Options that were given with secrets, which nothing keeps: as they would be typed, without the secrets, by the option's name. */
  readonly missing: ReadonlyMap<string, readonly string[]>;
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
  const missing = call === null ? new Map() : await leftOut(call.given);
  const given = Object.entries(call?.given ?? {}).filter(([name]) => !missing.has(name));
  const typed = await resolveValues(copyOptions, Object.fromEntries(given), {});
  const taken = Object.entries({ ...typed, ...options }).filter(
    ([name]) => Object.hasOwn(copyOptions, name) && !ofTheRun.has(name),
  );
  const [from = source.name, to = target.name] = call?.operands ?? [];
  return { source: from, target: to, options: Object.fromEntries(taken), missing };
}

/** Texts of options that are not taken any more, since a secret was left out of them. */
async function leftOut(given: Given): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  for (const [name, option] of Object.entries<Option<unknown>>(copyOptions)) {
    const texts = given[name];
    if (!option.secret || !Array.isArray(texts)) continue;
    const refused = await Promise.all(texts.map(text => isRefused(option, text)));
    const flag = option.short === undefined ? flagOf(name, option) : `-${option.short}`;
    if (refused.includes(true))
      found.set(
        name,
        texts.flatMap(text => [flag, text]),
      );
  }
  return found;
}

async function isRefused({ parse }: Option<unknown>, text: string): Promise<boolean> {
  try {
    await parse(text);
    return false;
  } catch {
    return true;
  }
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
