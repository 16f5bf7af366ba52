import { type Completable, type CompletableOption, firstWords } from './completable.js';

/** A script for fish: to be saved as `~/.config/fish/completions/tranche.fish`. */
export function fishCompletion(commands: readonly Completable[]): string {
  const first = firstWords(commands).map(
    ([word, summary]) => `complete -c tranche -n __fish_use_subcommand -f -a ${word} -d ${quoted(summary)}`,
  );
  return `# completion of tranche for fish: tranche completion fish > ~/.config/fish/completions/tranche.fish
function __tranche_jobs
  set -l folder .tranche
  set -q TRANCHE_STATE_DIR; and set folder $TRANCHE_STATE_DIR
  command ls $folder 2>/dev/null
end
${first.join('\n')}
${commands.map(commandLines).join('\n')}
`;
}

function commandLines(command: Completable): string {
  const { words, takes, options, summary } = command;
  const [first, second] = words;
  const lines: string[] = [];
  if (second !== undefined) {
    lines.push(
      `complete -c tranche -n ${quoted(`__fish_seen_subcommand_from ${first}; and not __fish_seen_subcommand_from ${second}`)} -f -a ${second} -d ${quoted(summary)}`,
    );
  }
  const seen = quoted(words.map(word => `__fish_seen_subcommand_from ${word}`).join('; and '));
  if (takes !== 'files') {
    const offered = takes === 'job' ? '(__tranche_jobs)' : takes.join(' ');
    lines.push(`complete -c tranche -n ${seen} -f -a ${quoted(offered)}`);
  }
  return [...lines, ...options.map(option => optionLine(seen, option))].join('\n');
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
