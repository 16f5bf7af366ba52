import { type Completable, firstWords } from './completable.js';

/** The names of the jobs, for a shell. */
const jobNames = `$(command ls "\${TRANCHE_STATE_DIR:-.tranche}" 2>/dev/null)`;

/** A script for bash. Where it has nothing to offer, bash completes names of files. */
export function bashCompletion(commands: readonly Completable[]): string {
  const words = firstWords(commands).map(([word]) => word);
  return `# completion of tranche for bash: source <(tranche completion bash)
${commands.map(commandFunction).join('')}_tranche() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    COMPREPLY=($(compgen -W "${words.join(' ')} help --help --version" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${words.map(word => firstCase(commands.filter(command => command.words[0] === word))).join('')}  esac
}
complete -o default -F _tranche tranche
`;
}

/** Uses \`word\` and \`before\` of its caller, as functions of bash do. */
function commandFunction(command: Completable): string {
  const { options } = command;
  const flags = options.flatMap(({ flag, short }) => (short === null ? [flag] : [flag, short]));
  return `${functionOf(command)}() {
  case "$before" in
${valueCases(command).join('\n')}
  esac
  if [[ $word == -* ]]; then
    COMPREPLY=($(compgen -W "${flags.join(' ')}" -- "$word"))
${operandBranch(command)}  fi
}
`;
}

/** Behind a flag with a value: its choices, or names of files. */
function valueCases({ options }: Completable): string[] {
  return options.flatMap(({ flag, value, choices }) => {
    if (value === null) return [];
    const offer = choices.length === 0 ? '' : `COMPREPLY=($(compgen -W "${choices.join(' ')}" -- "$word")); `;
    return [`    ${flag}) ${offer}return ;;`];
  });
}

function operandBranch({ takes }: Completable): string {
  if (takes === 'files') return '';
  return `  else
    COMPREPLY=($(compgen -W "${takes === 'job' ? jobNames : takes.join(' ')}" -- "$word"))
`;
}

function firstCase(commands: readonly Completable[]): string {
  const [first] = commands;
  if (first!.words.length === 1) return `    ${first!.words[0]}) ${functionOf(first!)} ;;\n`;
  const seconds = commands.map(({ words }) => words[1]);
  return `    ${first!.words[0]})
      if ((COMP_CWORD == 2)); then
        COMPREPLY=($(compgen -W "${seconds.join(' ')}" -- "$word"))
        return
      fi
      case "\${COMP_WORDS[2]}" in
${commands.map(command => `        ${command.words[1]}) ${functionOf(command)} ;;`).join('\n')}
      esac
      ;;
`;
}

function functionOf({ words }: Completable): string {
  return `_tranche_${words.join('_')}`;
}
