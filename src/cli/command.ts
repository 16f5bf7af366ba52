import type { OptionTable, OptionValues } from '../core/options.js';
import type { ExitCode } from './exit-codes.js';
import type { CommandName } from './summaries.js';
import type { Given } from './values.js';

/** A word that a command takes besides its options. */
export interface Operand {
  readonly name: string;
  readonly summary: string;
  readonly optional?: boolean;
  readonly choices?: readonly string[];
}

/** What the person asked for, checked and typed. */
export interface Invocation<T extends OptionTable = OptionTable> {
  /** In the order of the command's operands; an optional one that is missing is left out. */
  readonly operands: readonly string[];
  readonly options: OptionValues<T>;
  /** The options that were typed, in any words; the others come from the environment. */
  readonly given: Given;
  /** Everything behind the name of the program, as it was typed. */
  readonly words: readonly string[];
}

/** One command of the program: what it takes, its help, and what it does. */
export interface Command<T extends OptionTable = OptionTable> {
  /** The words that call it: `copy`, `checkpoint show`. */
  readonly name: CommandName;
  readonly operands: readonly Operand[];
  readonly options: T;
  /** What else its help has to say. */
  readonly notes?: readonly Note[];
  /** Two, each with what it is for. */
  readonly examples: readonly Example[];
  /** Exit codes that it may end with. */
  readonly exitCodes: readonly ExitCode[];
  /** Answers the exit code. */
  run(invocation: Invocation<T>): Promise<number>;
}

/** A part of a command's help: terms, each with what it means. */
export interface Note {
  readonly title: string;
  readonly entries: readonly (readonly [term: string, meaning: string])[];
}

/** A command line and what it is for. */
export interface Example {
  readonly line: string;
  readonly does: string;
}

/** Keeps the types of a command's options while checking its form. */
export function command<T extends OptionTable>(definition: Command<T>): Command {
  return definition as unknown as Command;
}
