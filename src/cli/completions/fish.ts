import { type Completable, type CompletableOption, firstWords } from './completable.js';

/** A script for fish: to be saved as `~/.config/fish/completions/tranche.fish`. */
export function fishCompletion(commands: readonly Completable[]): string {
  const words = [...firstWords(commands), ['help', 'Print the help of a command'] as const];
  const first = words.map(([word, summary]) => wordLine([], word, summary));
  return `# completion of tranche for fish: tranche completion fish > ~/.config/fish/completions/tranche.fish
function __tranche_jobs
  set -l folder .tranche
  set -q TRANCHE_STATE_DIR; and set folder $TRANCHE_STATE_DIR
  command ls $folder 2>/dev/null
end
# Whether the words between the program's name and the cursor begin with these.
function __tranche_behind
  set -l words (commandline -opc)
  set -e words[1]
  string match -q -- "$argv *" "$words "
end
# Whether they are these.
function __tranche_right_behind
  set -l words (commandline -opc)
  set -e words[1]
  test "$words" = "$argv"
end
${first.join('\n')}
complete -c tranche -n __tranche_right_behind -l help -s h -d 'print help'
complete -c tranche -n __tranche_right_behind -l version -s V -d 'print the version'
${commands.map(commandLines).join('\n')}
`;
}

function commandLines(command: Completable): string {
  const { words, takes, options, summary } = command;
  const [first, second] = words;
  const lines = second === undefined ? [] : [wordLine([first!], second, summary)];
  const seen = quoted(`__tranche_behind ${words.join(' ')}`);
  if (takes !== 'files') {
    const offered = takes === 'job' ? '(__tranche_jobs)' : takes.join(' ');
    lines.push(`complete -c tranche -n ${seen} -f -a ${quoted(offered)}`);
  }
  return [...lines, ...options.map(option => optionLine(seen, option))].join('\n');
}

/** A word of a command, where it can come. */
function wordLine(before: readonly string[], word: string, summary: string): string {
  const place = quoted(['__tranche_right_behind', ...before].join(' '));
  return `complete -c tranche -n ${place} -f -a ${word} -d ${quoted(summary)}`;
}

function optionLine(seen: string, { flag, short, summary, value, choices }: CompletableOption): string {
  const letter = short === null ? '' : ` -s ${short.slice(1)}`;
  const argument =
    value === null ? '' : choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -r -F';
  return `complete -c tranche -n ${seen} -l ${flag.slice(2)}${letter}${argument} -d ${quoted(summary)}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
