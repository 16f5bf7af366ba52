import { flagOf } from '../../core/options.js';
import type { Command } from '../command.js';
import { summaries } from '../summaries.js';

/** An option as a completion needs it. */
export interface CompletableOption {
  /** With its dashes. */
  readonly flag: string;
  readonly short: string | null;
  readonly summary: string;
  /** What stands behind it; null for a switch. */
  readonly value: string | null;
  readonly choices: readonly string[];
  /** May be given several times. */
  readonly repeatable: boolean;
}

/** A command as a completion needs it. */
export interface Completable {
  /** One or two words. */
  readonly words: readonly string[];
  readonly summary: string;
  /** What its operands are. */
  readonly takes: 'files' | 'job' | readonly string[];
  readonly options: readonly CompletableOption[];
}

/** Every command in the form that shells complete. */
export function completables(commands: readonly Command[]): readonly Completable[] {
  return commands.map(command => ({
    words: command.name.split(' '),
    summary: summaries[command.name],
    takes: operandsOf(command),
    options: [...optionsOf(command), help],
  }));
}

/** The first words, each once, with their summaries. */
export function firstWords(commands: readonly Completable[]): readonly (readonly [string, string])[] {
  const words = new Set(commands.map(({ words: [word] }) => word!));
  return [...words].map(word => [word, summaries[word as keyof typeof summaries]]);
}

const help: CompletableOption = {
  flag: '--help',
  short: '-h',
  summary: 'print help',
  value: null,
  choices: [],
  repeatable: false,
};

function operandsOf({ operands }: Command): Completable['takes'] {
  const [first] = operands;
  return first?.choices ?? (first?.name === 'JOB' ? 'job' : 'files');
}

function optionsOf({ options }: Command): CompletableOption[] {
  return Object.entries(options).map(([name, option]) => ({
    flag: flagOf(name, option),
    short: option.short === undefined ? null : `-${option.short}`,
    summary: option.summary,
    value: option.value ?? null,
    choices: option.choices ?? [],
    repeatable: option.repeatable ?? false,
  }));
}
