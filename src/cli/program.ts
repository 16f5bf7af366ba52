import { Command as Commander, CommanderError } from 'commander';
import { TrancheError } from '../core/errors.js';
import type { Command } from './command.js';
import { commands } from './commands/index.js';
import { type Call, declare } from './declare.js';
import { optionTerm, programHelp } from './help.js';
import { type CommandName, summaries } from './summaries.js';
import { readVersion } from './version.js';

/** Help that was asked for, or that stands in for a command where none was given. */
export type Help = { readonly help: string } | { readonly usage: string };

/** Finds out what was asked for. Prints nothing. Throws a `usage` error for words that make no command. */
export async function parseWords(words: readonly string[]): Promise<Call | Help> {
  let text = '';
  let call: Call | undefined;
  const program = await createProgram(
    words,
    more => {
      text += more;
    },
    made => {
      call = made;
    },
  );
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { help: text };
    if (error.code !== 'commander.help') throw usageError(error, words);
  }
  return call ?? { usage: text };
}

async function createProgram(
  words: readonly string[],
  write: (text: string) => void,
  called: (call: Call) => void,
): Promise<Commander> {
  const program = new Commander('tranche')
    .description(
      'Copies large datasets in batches, and goes on where it was stopped: nothing lost, nothing doubled.',
    )
    .version(readVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'Print the help of a command')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} })
    .configureHelp({ optionTerm: ({ flags }) => optionTerm(flags) })
    .addHelpText('after', programHelp());
  const wanted = words.find(word => !word.startsWith('-') && word !== 'help');
  for (const [word, load] of Object.entries(commands)) {
    const summary = summaries[word as CommandName];
    if (word === wanted) declareAll(program, word, await load(), called);
    else program.command(word).description(summary);
  }
  return program;
}

/** Declares a command, or a group of commands that share their first word. */
function declareAll(
  program: Commander,
  word: string,
  group: readonly Command[],
  called: (call: Call) => void,
): void {
  const first = program.command(word).description(summaries[word as CommandName]);
  for (const command of group) {
    const [, second] = command.name.split(' ');
    declare(second === undefined ? first : first.command(second), command, called);
  }
}

function usageError(error: CommanderError, words: readonly string[]): TrancheError {
  const message = error.message
    .replace(/^error: /, '')
    .replace(/^command-argument value (.*) is invalid for argument/, '$1 is not known as')
    .replace(/\n\(Did you mean (.*)\?\)$/s, ' (did you mean $1?)');
  const [word] = words;
  const known = word !== undefined && Object.hasOwn(commands, word);
  const help = known ? `tranche ${word} --help` : 'tranche --help';
  const globbed = error.code === 'commander.excessArguments' && word === 'copy';
  return new TrancheError('usage', message, {
    hint: globbed
      ? `quote a pattern, so that the shell leaves it as it is: tranche copy 'logs/*.csv' all.csv`
      : `see ${help}`,
  });
}
