import { Argument, type Command as Commander, Option as CommanderOption } from 'commander';
import { flagOf, type Option } from '../core/options.js';
import type { Command } from './command.js';
import { describeOption, groupTitle, helpAfter } from './help.js';
import { summaries } from './summaries.js';
import type { Given } from './values.js';

/** The command that was called, with the words it was given. */
export interface Call {
  readonly command: Command;
  readonly operands: readonly string[];
  readonly given: Given;
}

/** Declares a command's operands, options and help; `called` is told when it is called. */
export function declare(commander: Commander, command: Command, called: (call: Call) => void): void {
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
