import { type Completable, type CompletableOption, firstWords } from './completable.js';

/** A script for zsh: to be saved as `_tranche` in a folder of `$fpath`, or to be sourced. */
export function zshCompletion(commands: readonly Completable[]): string {
  const entries = firstWords(commands).map(([word, summary]) => `    ${quoted(`${word}:${summary}`)}`);
  return `#compdef tranche
# completion of tranche for zsh: source <(tranche completion zsh)
_tranche_jobs() {
  local -a jobs
  jobs=(\${TRANCHE_STATE_DIR:-.tranche}/*(N/:t))
  compadd -a jobs
}
_tranche() {
  local -a commands
  commands=(
${entries.join('\n')}
    'help:Print the help of a command'
  )
  if ((CURRENT == 2)); then
    if [[ $words[2] == -* ]]; then compadd -- --help --version; else _describe command commands; fi
    return
  fi
  case "$words[2]" in
${firstWords(commands)
  .map(([word]) => firstCase(commands.filter(({ words }) => words[0] === word)))
  .join('')}  esac
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _tranche "$@"; else compdef _tranche tranche; fi
`;
}

function firstCase(commands: readonly Completable[]): string {
  const [first] = commands;
  if (first!.words.length === 1) return `    ${first!.words[0]})\n${argumentsOf(first!, 2)}      ;;\n`;
  const seconds = commands.map(({ words }) => words[1]);
  const cases = commands.map(
    command => `        ${command.words[1]})\n${argumentsOf(command, 3)}          ;;\n`,
  );
  return `    ${first!.words[0]})
      if ((CURRENT == 3)); then
        compadd ${seconds.join(' ')}
        return
      fi
      case "$words[3]" in
${cases.join('')}      esac
      ;;
`;
}

/** `_arguments` sees the words from the command's last word on. */
function argumentsOf({ options, takes }: Completable, skip: number): string {
  const specs = [...options.flatMap(optionSpecs), `'${takesSpec(takes)}'`];
  return `      shift ${skip - 1} words; ((CURRENT -= ${skip - 1}))
      _arguments ${specs.join(' \\\n        ')}
`;
}

function optionSpecs({ flag, short, summary, value, choices, repeatable }: CompletableOption): string[] {
  const values = choices.length > 0 ? `(${choices.join(' ')})` : '_files';
  const argument = value === null ? '' : `:${escaped(value)}:${values}`;
  return (short === null ? [flag] : [flag, short]).map(name =>
    quoted(`${repeatable ? '*' : ''}${name}[${escaped(summary)}]${argument}`),
  );
}

function takesSpec(takes: Completable['takes']): string {
  if (takes === 'files') return '*:file:_files';
  return takes === 'job' ? '1:job:_tranche_jobs' : `1:word:(${takes.join(' ')})`;
}

function escaped(text: string): string {
  return text.replace(/[[\]:\\]/g, letter => `\\${letter}`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
