import { Argument, Command as Commander, CommanderError, Option as CommanderOption } from 'commander';
import { TrancheError } from '../core/errors.js';
import { flagOf, type Option } from '../core/options.js';
import type { Command } from './command.js';
import { commands } from './commands/index.js';
import { describeOption, groupTitle, helpAfter, optionTerm, programHelp } from './help.js';
import { type CommandName, summaries } from './summaries.js';
import type { Given } from './values.js';
import { readVersion } from './version.js';

/** The command that was called, with the words it was given. */
export interface Call {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly given: Given;
}

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

function declare(commander: Commander, command: Command, called: (call: Call) => void): void {
  commander.description(summaries[command.name]);
  for (const { name, summary, optional, choices } of command.operands) {
    const argument = new Argument(optional ? `[${name}]` : `<${name}>`, summary);
    commander.addArgument(choices === undefined ? argument : argument.choices([...choices]));
  }
  for (const [name, option] of Object.entries(command.options)) {
    commander.addOption(commanderOption(name, option));
  }
  const help = new CommanderOption('-h, --help', 'print this help');
  const displays = Object.values(command.options).some(({ group }) => group === 'display');
  commander.addHelpOption(displays ? help.helpGroup(groupTitle('display')) : help);
  commander.addHelpText('after', helpAfter(command));
  commander.action(() => {
    const operands = commander.processedArgs.filter(word => word !== undefined) as string[];
    called({ command, operands, given: givenOf(commander, command) });
  });
}

function commanderOption(name: string, option: Option<unknown>): CommanderOption {
  const { short, value, group, repeatable } = option;
  const long = `${flagOf(name, option)}${value === undefined ? '' : ` <${value}>`}`;
  const made = new CommanderOption(short === undefined ? long : `-${short}, ${long}`, describeOption(option));
  made.helpGroup(groupTitle(group));
  if (value === undefined) return made;
  return made.argParser((text: string, before: readonly string[] | undefined) =>
    repeatable && before !== undefined ? [...before, text] : [text],
  );
}

function givenOf(commander: Commander, { options }: Command): Given {
  const given: { [name: string]: readonly string[] | true } = {};
  for (const name of Object.keys(options)) {
    if (commander.getOptionValueSource(name) !== 'cli') continue;
    const value: unknown = commander.getOptionValue(name);
    given[name] = Array.isArray(value) ? value : true;
  }
  return given;
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
