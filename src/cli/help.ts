import type { Option, OptionGroup } from '../core/options.js';
import type { Command, Note } from './command.js';
import { exitCodes } from './exit-codes.js';

const unitNote: Note = {
  title: 'Units',
  entries: [
    ['SIZE', '8MiB, 8M (powers of 1024), 500kB (of 1000), 4096 (bytes)'],
    ['DUR', '200ms, 30s, 5m, 1h30m, 2d'],
  ],
};

/** `job` → `Job:`. */
export function groupTitle(group: OptionGroup): string {
  return `${group[0]!.toUpperCase()}${group.slice(1)}:`;
}

/** The angle brackets of the parser are not for people. */
export function optionTerm(flags: string): string {
  const term = flags.replace(/[<>]/g, '');
  return term.startsWith('--') ? `    ${term}` : term;
}

/** Summary, choices and default. */
export function describeOption({ summary, choices, fallback }: Option<unknown>): string {
  const words = choices === undefined ? summary : `${summary}: ${choices.join(', ')}`;
  return fallback === undefined ? words : `${words} (default: ${fallback})`;
}

/** What the help of a command ends with: notes, units, the environment, examples and exit codes. */
export function helpAfter(command: Command): string {
  const { notes = [], examples, options } = command;
  const values = Object.values(options).flatMap(({ value }) => value ?? []);
  const sections = notes.map(note);
  if (values.some(value => /SIZE|DUR/.test(value))) sections.push(note(unitNote));
  if (Object.keys(options).length > 3) {
    sections.push(
      'Environment:\n  Every option can be set as TRANCHE_OPTION, such as TRANCHE_BATCH_SIZE=5000; a flag wins.',
    );
  }
  sections.push(`Examples:\n${examples.map(({ line, does }) => `  # ${does}\n  ${line}`).join('\n')}`);
  sections.push(note({ title: 'Exit codes', entries: exitCodeEntries(command) }));
  return `\n${sections.join('\n\n')}`;
}

/** What the help of the program ends with. */
export function programHelp(): string {
  return `
Examples:
  # into a table; run it again with --resume if it was stopped
  tranche copy orders.csv sqlite:shop.db#orders
  # how far every job is
  tranche status

Every command has its own --help, with its options, examples and exit codes.`;
}

/** What codes mean where there is no `--resume`. */
const withoutResume: { readonly [code: number]: string } = {
  1: 'failed',
  7: 'the job is not finished: copy --resume finishes it',
  75: 'paused by --max-duration or --max-batches: the same command goes on',
};

function exitCodeEntries({ exitCodes: codes, options }: Command): (readonly [string, string])[] {
  const others = Object.hasOwn(options, 'resume') ? {} : withoutResume;
  return codes.map(code => [String(code), others[code] ?? exitCodes[code]]);
}

function note({ title, entries }: Note): string {
  const width = Math.max(...entries.map(([term]) => term.length));
  return `${title}:\n${entries.map(([term, meaning]) => `  ${term.padEnd(width)}  ${meaning}`).join('\n')}`;
}
